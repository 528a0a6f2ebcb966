package proof

// Sift finds which of n fixes pass together. try says whether those with these
// numbers do; the guilty are found by halving, and told with what they failed by.
// All of them together are known to fail, by why.
func Sift(n int, why Outcome, try func(numbers []int) (Outcome, error)) (kept []int, guilty map[int]Outcome, err error) {
	guilty = map[int]Outcome{}
	var look func(numbers []int, known bool, why Outcome) error
	look = func(numbers []int, known bool, why Outcome) error {
		if len(numbers) == 0 {
			return nil
		}
		if !known {
			out, err := try(append(append([]int{}, kept...), numbers...))
			if err != nil {
				return err
			}
			if out.Failed == "" {
				kept = append(kept, numbers...)
				return nil
			}
			why = out
		}
		if len(numbers) == 1 {
			guilty[numbers[0]] = why
			return nil
		}
		half := len(numbers) / 2
		before := len(kept)
		if err := look(numbers[:half], false, Outcome{}); err != nil {
			return err
		}
		// If the whole first half passes, the fault is in the second, or between them.
		return look(numbers[half:], len(kept) == before+half, why)
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	err = look(all, true, why)
	return kept, guilty, err
}
