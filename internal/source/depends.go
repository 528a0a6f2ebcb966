package source

// maxProjects is how many Mix projects of a set are told apart by their dependencies: umbrellas have dozens.
const maxProjects = 1000

// Dependence says which of a set's Mix projects another one depends on, through others too: code of one
// may name modules of those.
type Dependence struct {
	set   *Set
	index map[*App]int
	needs [][]bool // by index in Set.Apps
}

// Dependence reads the dependencies that the set's Mix projects have on each other, by their names.
func (s *Set) Dependence() *Dependence {
	d := &Dependence{set: s}
	if len(s.Apps) > maxProjects {
		return d
	}
	d.index, d.needs = make(map[*App]int, len(s.Apps)), make([][]bool, len(s.Apps))
	named := map[string][]int{}
	for i := range s.Apps {
		d.index[&s.Apps[i]] = i
		named[s.Apps[i].Name] = append(named[s.Apps[i].Name], i)
	}
	for i := range s.Apps {
		d.needs[i] = make([]bool, len(s.Apps))
		for todo := []int{i}; len(todo) > 0; {
			at := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if d.needs[i][at] {
				continue
			}
			d.needs[i][at] = true
			for _, dep := range s.Apps[at].Deps {
				if dep.Direct {
					todo = append(todo, named[dep.Name]...)
				}
			}
		}
	}
	return d
}

// Of are a project of the set and those that it depends on, in the set's order; nil where there are more
// than maxProjects, so that it may need any.
func (d *Dependence) Of(a *App) []*App {
	var out []*App
	for i := range d.needs {
		if d.needs[d.index[a]][i] {
			out = append(out, &d.set.Apps[i])
		}
	}
	return out
}

// Has reports whether the project that the file at path a lies in is the one of path b or depends on it.
// A path that lies in none may need any, and so may each where there are more than maxProjects.
func (d *Dependence) Has(a, b string) bool {
	if d.needs == nil {
		return true
	}
	from, to := d.set.App(a), d.set.App(b)
	return from == nil || to == nil || from == to || d.needs[d.index[from]][d.index[to]]
}
