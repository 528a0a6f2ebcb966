package intervention

import (
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/check"
	"github.com/assay-dev/assay/internal/ir"
)

// weaknesses are the names that the CWE list gives to what checks report.
var weaknesses = map[string]string{
	"CWE-22":  "path traversal",
	"CWE-79":  "cross-site scripting",
	"CWE-89":  "SQL injection",
	"CWE-200": "exposure of sensitive information",
	"CWE-252": "unchecked return value",
	"CWE-285": "improper authorization",
	"CWE-306": "missing authentication for critical function",
	"CWE-352": "cross-site request forgery",
	"CWE-362": "race condition",
	"CWE-391": "unchecked error condition",
	"CWE-400": "uncontrolled resource consumption",
	"CWE-404": "improper resource shutdown or release",
	"CWE-502": "deserialization of untrusted data",
	"CWE-601": "open redirect",
	"CWE-639": "authorization bypass through user-controlled key",
	"CWE-667": "improper locking",
	"CWE-755": "improper handling of exceptional conditions",
	"CWE-770": "allocation of resources without limits",
	"CWE-772": "missing release of resource after effective lifetime",
	"CWE-798": "use of hard-coded credentials",
	"CWE-862": "missing authorization",
	"CWE-915": "mass assignment",
	"CWE-918": "server-side request forgery",
}

// weakness is an entry of the CWE list with its name.
func weakness(cwe string) string {
	if name := weaknesses[cwe]; name != "" {
		return cwe + ": " + name
	}
	return cwe
}

// noEffect is what is said of a problem without a weakness.
const noEffect = "no security effect"

// security says of each problem what it exposes, and of all others that they have no
// effect.
func (b *builder) security() {
	var none []int
	for i := range b.Chosen {
		f := &b.Chosen[i]
		if f.CWE == "" {
			none = append(none, i+1)
			continue
		}
		b.expose(i, Exposure{CWE: weakness(f.CWE), What: pageOf(f.Check).rule, After: b.fate(i)})
	}
	if len(none) > 0 {
		b.doc.Security = append(b.doc.Security, Exposure{Problems: none, What: noEffect})
	}
}

// expose adds what a problem exposes to what others expose in the same way.
func (b *builder) expose(i int, x Exposure) {
	list := b.doc.Security
	at := slices.IndexFunc(list, func(o Exposure) bool { return o.CWE == x.CWE && o.What == x.What && o.After == x.After })
	if at < 0 {
		at = len(list)
		list = append(list, x)
	}
	o := &list[at]
	o.Problems = append(o.Problems, i+1)
	o.Reach = append(o.Reach, "Problem "+strconv.Itoa(i+1)+": "+b.reach(&b.Chosen[i]))
	b.doc.Security = list
}

// reach says who gets to a problem.
func (b *builder) reach(f *check.Finding) string {
	e := b.entryOf(f)
	if e == nil {
		return "the evidence names no entry by which a client gets there."
	}
	name := "`" + b.before.Program.Symbol(e.Func) + "` (" + e.Name + ")"
	if e.Kind == ir.Request || e.Kind == ir.Socket {
		if b.before.Flow.Untrusted(ir.No, e) != 0 {
			return "a client reaches it by " + name + ", with values that the client chooses."
		}
		return "a client reaches it by " + name + "."
	}
	return "the running system reaches it by " + name + "; no client does so directly."
}

// fate says what becomes of a problem.
func (b *builder) fate(i int) string {
	switch s := &b.doc.Problems[i].Solution; s.State {
	case inChange:
		return "After the change it is gone: the analysis of the changed code does not find it any more."
	case decision:
		return "It stays until the decision is made: " + strings.Join(s.Notes, " ")
	}
	return "It stays: no change is made for it."
}
