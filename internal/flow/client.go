package flow

import "github.com/assay-dev/assay/internal/ir"

// carry is a tainted argument of a call of the project.
type carry struct {
	to    ClauseID
	param uint8
	taint uint64
}

// carry notes what a call hands on.
func (e *eval) carry(to ClauseID, vals []value) {
	for i := range min(len(vals), fieldShift) {
		if t := vals[i].taint; t != 0 {
			e.carries = append(e.carries, carry{to, uint8(i), t})
		}
	}
}

// spreadClient finds, from the entries down, the parameters that hold what a
// client sent, or records of which some fields do.
func (r *Result) spreadClient() {
	r.client = make([]uint64, len(r.nodes))
	var work []ClauseID
	r.eachEntry(func(_ int32, e *ir.Entry, id ClauseID) {
		if mask := r.untrusted(id, e); e.Kind.Serves() && mask|r.client[id] != r.client[id] {
			r.client[id] |= mask
			work = append(work, id)
		}
	})
	for i := range r.nodes {
		if len(r.nodes[i].carries) > 0 && r.client[i] == 0 {
			work = append(work, ClauseID(i))
		}
	}
	for len(work) > 0 {
		id := work[len(work)-1]
		work = work[:len(work)-1]
		for _, p := range r.nodes[id].carries {
			var mask uint64
			switch have := r.client[id] | fromRequest; {
			case p.taint&have != 0:
				mask = (1 | 1<<fieldShift) << p.param
			case ofField(p.taint)&have != 0:
				mask = 1 << (p.param + fieldShift)
			}
			if mask|r.client[p.to] != r.client[p.to] {
				r.client[p.to] |= mask
				work = append(work, p.to)
			}
		}
	}
}

// Client reports whether what a client sent decides on an alternative.
func (r *Result) Client(id ClauseID, a Alt) bool {
	return a.Taint&(r.client[id]|fromRequest) != 0
}
