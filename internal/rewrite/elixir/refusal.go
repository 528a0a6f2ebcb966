package elixir

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/source"
	"github.com/assay-dev/assay/internal/syntax"
	syn "github.com/assay-dev/assay/internal/syntax/elixir"
)

// refused is how a controller answers a failure: as the controllers beside it answer
// the same one; by a message on the page that a success leads to; as JSON where it
// answers with that; else with a status and its name.
func (s *sheet) refused(w *Writer, id syntax.NodeID, conn, pattern string, r refusal) []string {
	if r.reason != "" {
		if lines := w.answeredBeside(s, conn, pattern); lines != nil {
			return lines
		}
	}
	if r.status == 400 {
		r.status = s.statusBeside(id)
	}
	if to := s.leadsTo(w, id, r); to != "" {
		s.speaks()
		text := `"Something went wrong. Please try again."`
		if r.status == 404 {
			text = `"Not found."`
		}
		if strings.Contains(s.text, "gettext(") {
			text = "gettext(" + text + ")"
		}
		return []string{conn, "|> put_flash(:error, " + text + ")", "|> redirect(to: " + to + ")"}
	}
	// A page is no place for an answer to a program, nor the other way round.
	success := s.text[r.from:r.to]
	text := s.refusalText(id, r.status)
	if lines := w.shapedBeside(s, conn, r.status, text); lines != nil {
		data := answersData.MatchString(strings.Join(lines, "\n"))
		page := regexp.MustCompile(`redirect\(|put_flash\(|\.html"`).MatchString(success)
		if !(data && page) && (data || !answersData.MatchString(success)) {
			return lines
		}
	}
	if lines := w.renderedElsewhere(s, conn, r.status, answersData.MatchString(success)); lines != nil {
		return lines
	}
	plug, status, name := "", strconv.Itoa(r.status), statusName(r.status)
	alike := w.alike(s)
	if !alike.plugs() {
		plug = "Plug.Conn."
	}
	if alike.named() > 0 {
		status = ":" + strings.ReplaceAll(strings.ToLower(name), " ", "_")
	}
	if answersData.MatchString(success) {
		return []string{conn, "|> " + plug + "put_status(" + status + ")", "|> json(%{error: " + text + "})"}
	}
	if page := strings.Contains(success, "redirect") || strings.Contains(success, "flash"); page || !strings.Contains(success, "send_resp(") && !w.refusedPlainly(s) {
		s.question = "No answer to a failure of this kind is in the code: say what the user shall see instead of a bare status."
	}
	return []string{plug + "send_resp(" + conn + ", " + status + ", " + quoted(name) + ")"}
}

// setStatus finds the status of an answer.
var setStatus = regexp.MustCompile(`(?:put_status\(|send_resp\(\w+, )(:\w+|\d{3})\b`)

// statusBeside is the status by which the function around a place refuses other failures whose
// kind is not known, or 400: one that says that something is missing or not allowed is not meant.
func (s *sheet) statusBeside(id syntax.NodeID) int {
	found := 0
	for _, m := range setStatus.FindAllStringSubmatch(s.function(id), -1) {
		status := 0
		switch m[1] {
		case "422", ":unprocessable_entity":
			status = 422
		case "409", ":conflict":
			status = 409
		case "400", ":bad_request":
			status = 400
		}
		if status != 0 && found != 0 && found != status {
			return 400
		}
		found = max(found, status)
	}
	if found == 0 {
		return 400
	}
	return found
}

// refusalText is what an answer says of a failure: what the function around a place says of all
// others, or the name of the status.
func (s *sheet) refusalText(id syntax.NodeID, status int) string {
	said := failedTexts.FindAllString(s.function(id), -1)
	if len(said) == 0 || slices.ContainsFunc(said, func(t string) bool { return t != said[0] }) {
		return quoted(statusName(status))
	}
	return said[0]
}

// refusedPlainly reports whether a file, or one beside it that uses the same, refuses
// requests with a bare text.
func (w *Writer) refusedPlainly(s *sheet) bool {
	return slices.ContainsFunc(w.Files.Files, func(f *source.File) bool {
		return (f == s.File || w.beside(s, f)) && w.refusesPlainly(f)
	})
}

// renderedElsewhere is how a controller that uses the same renders an error of the
// same status, for a page or for a program: `conn |> put_status(404) |>
// put_view(ErrorView) |> render("404.html")`.
func (w *Writer) renderedElsewhere(s *sheet, conn string, status int, data bool) []string {
	uses := w.uses(s.File)
	for _, f := range w.Files.Files {
		if w.Trees[f.ID] == nil || f != s.File && (uses == "" || w.uses(f) != uses) {
			continue
		}
		d := w.doc(f)
		for i := range d.Nodes {
			id := syntax.NodeID(i)
			n := d.Node(id)
			if n.Kind != syn.Binary || n.Op != syn.OpArrowPipe || d.Node(n.Parent).Kind == syn.Binary {
				continue
			}
			if d.renders(id, conn, status) && answersData.MatchString(d.Text(id)) == data && d.portable(id, s.text, conn) {
				return d.unindented(id)
			}
		}
	}
	return nil
}

// renders reports whether a pipeline of a connection renders the error of a status by
// its name: a template called by the status needs nothing else.
func (d *doc) renders(pipe syntax.NodeID, conn string, status int) bool {
	text := strconv.Itoa(status)
	last, ok := syn.AsCall(d.Tree, d.Next(d.First(pipe)))
	if !ok || last.Name() != "render" || last.ArgCount() != 1 || !strings.Contains(d.Text(last.Arg(0)), text) {
		return false
	}
	set := regexp.MustCompile(`^` + regexp.QuoteMeta(conn) + `\s*\|> put_status\((` + text + `|:` + strings.ReplaceAll(strings.ToLower(statusName(status)), " ", "_") + `)\)`)
	return set.MatchString(d.Text(pipe))
}

// unindented are the lines of an expression as they stand at the left.
func (d *doc) unindented(id syntax.NodeID) []string {
	in := d.indent(d.Node(id).Start)
	var lines []string
	for line := range strings.Lines(d.Text(id)) {
		lines = append(lines, strings.TrimPrefix(strings.TrimRight(line, "\r\n"), in))
	}
	return lines
}

// answersData finds an answer to a program.
var answersData = regexp.MustCompile(`(^|[^.\w])json\(|render\([^()]*\.json"`)

// statusName is what HTTP calls a status.
func statusName(status int) string {
	switch status {
	case 401:
		return "Unauthorized"
	case 403:
		return "Forbidden"
	case 404:
		return "Not Found"
	case 409:
		return "Conflict"
	case 422:
		return "Unprocessable Entity"
	case 502:
		return "Bad Gateway"
	case 504:
		return "Gateway Timeout"
	}
	return "Bad Request"
}

// leadsTo is where a success redirects the user to, "" if that depends on what the
// success gives, if it leads to several places, or if no message is shown there.
func (s *sheet) leadsTo(w *Writer, id syntax.NodeID, r refusal) string {
	if !strings.Contains(s.text, "put_flash(") || !w.alike(s).flashes() {
		return ""
	}
	to := ""
	for i := range s.Nodes {
		n := s.Node(syntax.NodeID(i))
		v, ok := syn.AsCall(s.Tree, syntax.NodeID(i))
		if n.Start < r.from || n.End > r.to || !ok || v.Name() != "redirect" || v.Keywords() == syntax.None {
			continue
		}
		pair := s.First(v.Keywords())
		if syn.AtomName(s.Tree, s.First(pair)) != "to" || s.Next(pair) != syntax.None || !s.knownAt(s.Next(s.First(pair)), id) {
			return ""
		}
		text := s.Text(s.Next(s.First(pair)))
		if to != "" && to != text || strings.Contains(text, "\n") {
			return ""
		}
		to = text
	}
	return to
}

// knownAt reports whether all variables of an expression have a value in front of a
// statement: they stand in the head of its function, or in front of the statement.
func (s *sheet) knownAt(x, id syntax.NodeID) bool {
	start := int32(0)
	for p := id; p != syntax.None; p = s.Node(p).Parent {
		if word, ok := s.construct(p); ok && (word == "def" || word == "defp") {
			start = s.Node(p).Start
			break
		}
	}
	for i := x; i < x+syntax.NodeID(s.Node(x).Size); i++ {
		if s.Node(i).Kind != syn.Ident {
			continue
		}
		known := slices.ContainsFunc(s.Nodes, func(n syntax.Node) bool {
			return n.Kind == syn.Ident && n.Start >= start && n.End <= s.Node(id).Start && s.text[n.Start:n.End] == s.Text(i)
		})
		if !known {
			return false
		}
	}
	return true
}

// answeredBeside is how a clause for the same failure answers it in a file or in one
// beside it that uses the same, if it needs nothing but the connection.
func (w *Writer) answeredBeside(s *sheet, conn, pattern string) []string {
	if lines := answerIn(s.doc, s.text, conn, pattern); lines != nil {
		return lines
	}
	for _, f := range w.Files.Files {
		if !w.beside(s, f) || w.Trees[f.ID] == nil {
			continue
		}
		if lines := answerIn(w.doc(f), s.text, conn, pattern); lines != nil {
			return lines
		}
	}
	return nil
}

// shapedBeside is an answer of the form in which a file refuses other requests, or
// one beside it that uses the same.
func (w *Writer) shapedBeside(s *sheet, conn string, status int, text string) []string {
	if lines := shapedIn(s.doc, s.text, conn, status, text); lines != nil {
		return lines
	}
	for _, f := range w.Files.Files {
		if !w.beside(s, f) || w.Trees[f.ID] == nil {
			continue
		}
		if lines := shapedIn(w.doc(f), s.text, conn, status, text); lines != nil {
			return lines
		}
	}
	return nil
}

// shapedIn is the first answer of a file that gives a status and says in one text what
// is wrong, with another status and another text.
func shapedIn(d *doc, there, conn string, status int, text string) []string {
	for i := range d.Nodes {
		id := syntax.NodeID(i)
		n := d.Node(id)
		if n.Kind != syn.Binary || n.Op != syn.OpArrowPipe || d.Node(n.Parent).Kind == syn.Binary || !d.portable(id, there, conn) {
			continue
		}
		if lines := d.refusing(id, conn, status, text); lines != nil {
			return lines
		}
	}
	return nil
}

// refusing is `conn |> put_status(400) |> json(%{error: "…"})` with another status and text.
func (d *doc) refusing(pipe syntax.NodeID, conn string, status int, what string) []string {
	var steps []syntax.NodeID
	for id := pipe; ; id = d.First(id) {
		if d.Node(id).Kind != syn.Binary {
			if d.Text(id) != conn {
				return nil
			}
			break
		}
		steps = append(steps, d.Next(d.First(id)))
	}
	slices.Reverse(steps)
	if len(steps) != 2 {
		return nil
	}
	set, ok := syn.AsCall(d.Tree, steps[0])
	say, also := syn.AsCall(d.Tree, steps[1])
	if !ok || !also || set.Name() != "put_status" || set.ArgCount() != 1 || say.Name() != "json" && say.Name() != "render" {
		return nil
	}
	was, now := d.Text(set.Arg(0)), strconv.Itoa(status)
	switch {
	case strings.HasPrefix(was, ":"):
		if slices.Contains([]string{":ok", ":created", ":accepted", ":no_content"}, was) {
			return nil
		}
		now = ":" + strings.ReplaceAll(strings.ToLower(statusName(status)), " ", "_")
	case len(was) != 3 || was[0] != '4' && was[0] != '5':
		return nil
	}
	text, found := d.said(say.ID, was, now, what)
	if !found {
		return nil
	}
	return []string{conn, "|> " + d.slice(d.Node(steps[0]).Start, d.Node(set.Arg(0)).Start) + now + ")", "|> " + text}
}

// said is a call on one line with another status and another text in it; it has one
// text that is a value in a map or among options.
func (d *doc) said(call syntax.NodeID, was, now, text string) (string, bool) {
	n := d.Node(call)
	out, at, texts := "", n.Start, 0
	for i := call; i < call+syntax.NodeID(n.Size); i++ {
		k := d.Node(i)
		if d.Node(k.Parent).Kind != syn.Pair || d.First(k.Parent) == i {
			continue
		}
		switch {
		case k.Kind == syn.String:
			texts++
			out += d.slice(at, k.Start) + text
			at = k.End
		case d.Text(i) == was:
			out += d.slice(at, k.Start) + now
			at = k.End
		}
	}
	out += d.slice(at, n.End)
	return out, texts == 1 && !strings.Contains(out, "\n")
}

// answerIn is the answer of the first clause for a pattern whose text means the same
// in another file.
func answerIn(d *doc, there, conn, pattern string) []string {
	for i := range d.Nodes {
		id := syntax.NodeID(i)
		if d.Node(id).Kind != syn.Clause || d.Text(d.First(id)) != pattern {
			continue
		}
		body := d.Next(d.First(id))
		if body == syntax.None || d.First(body) == syntax.None || d.Next(d.First(body)) != syntax.None || !d.portable(d.First(body), there, conn) {
			continue
		}
		return d.unindented(d.First(body))
	}
	return nil
}

// portable reports whether an expression means the same in another file: its only
// variable is the connection, and no name is one of its own file.
func (d *doc) portable(x syntax.NodeID, there, conn string) bool {
	for i := x; i < x+syntax.NodeID(d.Node(x).Size); i++ {
		switch n := d.Node(i); n.Kind {
		case syn.Ident:
			if d.Text(i) != conn {
				return false
			}
		case syn.Unary:
			if n.Op == syn.OpAt && there != d.text {
				return false
			}
		case syn.Alias:
			first, _, _ := strings.Cut(d.Text(i), ".")
			if there != d.text && (renamed(d.text, first) || renamed(there, first)) {
				return false
			}
		case syn.Call:
			v, ok := syn.AsCall(d.Tree, i)
			if ok && v.Receiver() == syntax.None && there != d.text && strings.Contains(d.text, "defp "+v.Name()+"(") {
				return false
			}
		}
	}
	return true
}
