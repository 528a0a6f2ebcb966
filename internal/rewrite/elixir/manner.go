package elixir

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/assay-dev/assay/internal/source"
)

// manners are how files answer requests. Each text is read once, however many fixes ask.
type manners struct {
	uses   perFile[string]
	plain  perFile[bool]
	groups map[string]*manner // by what the files use, or by the path of one
}

// perFile is what was read from the texts of files.
type perFile[T any] map[source.FileID]T

// of is what is read from a file's text, which is done once.
func (p *perFile[T]) of(f *source.File, read func(text string) T) T {
	v, ok := (*p)[f.ID]
	if !ok {
		if *p == nil {
			*p = perFile[T]{}
		}
		v = read(f.Text)
		(*p)[f.ID] = v
	}
	return v
}

// manner is how the files that use the same answer requests: what one of them has
// imported, the others have too. Each answer is found when it is asked for.
type manner struct {
	named   func() int    // by how many more statuses are atoms than numbers
	plugs   func() bool   // the functions of Plug.Conn are called by their bare names
	flashes func() bool   // an error is shown under the key :error
	flash   func() string // how most pages show an error otherwise, with "…" in place of the text, or ""
}

var (
	// used is what a controller uses: `use MyAppWeb, :controller`.
	used = regexp.MustCompile(`^use [\w.]+, :\w+`)
	// plainRefusal finds a request that is refused with a bare text.
	plainRefusal = regexp.MustCompile(`send_resp\((\w+, )?(4\d\d|5\d\d|:bad_request|:unauthorized|:forbidden|:not_found|:conflict|:unprocessable_entity|:bad_gateway|:internal_server_error)\b`)

	namedStatus  = regexp.MustCompile(`(?:put_status\(|send_resp\(\w+, ):`)
	statusNumber = regexp.MustCompile(`(?:put_status\(|send_resp\(\w+, )\d`)
	plugged      = regexp.MustCompile(`import Plug\.Conn\b|[^.\w](send_resp|put_status|put_resp_\w+)\(`)
	errorFlash   = regexp.MustCompile(`put_flash\((\w+, )?:error,`)
	// flash is the message of an error that is shown in another way than under the key
	// :error: `:toast, %{kind: :error, title: "…"}`.
	flash = regexp.MustCompile(`put_flash\(\s*(?:\w+,\s*)?(:\w+,\s*%\{[^{}"]*:error\b[^{}"]*)"[^"]*"(\s*\})\s*\)`)
)

// uses is the first thing that a file uses by a name, as it is written, or "".
func (w *Writer) uses(f *source.File) string { return w.manners.uses.of(f, firstUse) }

// firstUse is the first thing that a text uses by a name on a line of its own, or "".
func firstUse(text string) string {
	for at := 0; ; {
		i := strings.Index(text[at:], "use ")
		if i < 0 {
			return ""
		}
		at += i
		line := text[strings.LastIndexByte(text[:at], '\n')+1 : at]
		if strings.Trim(line, " \t") == "" {
			if found := used.FindString(text[at:]); found != "" {
				return found
			}
		}
		at += len("use ")
	}
}

// beside reports whether another file lies beside that of a sheet and uses the same.
func (w *Writer) beside(s *sheet, f *source.File) bool {
	uses := w.uses(s.File)
	return f != s.File && uses != "" && path.Dir(f.Path) == path.Dir(s.File.Path) && w.uses(f) == uses
}

// refusesPlainly reports whether a file refuses requests with a bare text.
func (w *Writer) refusesPlainly(f *source.File) bool {
	return w.manners.plain.of(f, plainRefusal.MatchString)
}

// alike is how the file of a sheet and those that use the same answer requests.
func (w *Writer) alike(s *sheet) *manner {
	uses := w.uses(s.File)
	key := uses
	if uses == "" || !strings.HasSuffix(s.File.Path, ".ex") {
		key = s.File.Path
	}
	if m := w.manners.groups[key]; m != nil {
		return m
	}
	texts := []string{s.text}
	for _, f := range w.Files.Files {
		if uses != "" && f != s.File && strings.HasSuffix(f.Path, ".ex") && strings.Contains(f.Text, uses) {
			texts = append(texts, f.Text)
		}
	}
	if w.manners.groups == nil {
		w.manners.groups = map[string]*manner{}
	}
	m := mannerOf(texts)
	w.manners.groups[key] = m
	return m
}

func mannerOf(texts []string) *manner {
	return &manner{
		named: sync.OnceValue(func() int {
			n := 0
			for _, text := range texts {
				n += len(namedStatus.FindAllStringIndex(text, -1)) - len(statusNumber.FindAllStringIndex(text, -1))
			}
			return n
		}),
		plugs:   sync.OnceValue(func() bool { return slices.ContainsFunc(texts, plugged.MatchString) }),
		flashes: sync.OnceValue(func() bool { return slices.ContainsFunc(texts, errorFlash.MatchString) }),
		flash:   sync.OnceValue(func() string { return flashForm(texts) }),
	}
}

// flashForm is how most pages show an error, with "…" in place of the text, where that is
// not under the key :error.
func flashForm(texts []string) string {
	count, usual, best := map[string]int{}, 0, ""
	for _, text := range texts {
		usual += strings.Count(text, "put_flash(:error,") + strings.Count(text, "put_flash(socket, :error,")
		for _, f := range flash.FindAllStringSubmatch(text, -1) {
			form := strings.Join(strings.Fields(f[1]+`"…"`+f[2]), " ")
			if count[form]++; count[form] > count[best] || count[form] == count[best] && form < best {
				best = form
			}
		}
	}
	if count[best] > usual {
		return best
	}
	return ""
}
