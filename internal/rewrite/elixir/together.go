package elixir

import (
	"strconv"
	"strings"

	"github.com/assay-dev/assay/internal/fix"
	"github.com/assay-dev/assay/internal/ir"
)

// writeTogether makes the loop give what it wrote, and writes all of it behind.
func (w *Writer) writeTogether(f *fix.Fix, c *fix.WriteTogether) error {
	e := w.editor(f, c.Code, c.Loop, c.Coll)
	f.Safety = fix.Asked
	write := e.at(c.Write)
	name, ok := e.callee(c.Write)
	if write.Op != ir.Call || write.Hi-write.Lo != 1 || !ok {
		return errLayout
	}
	module := name[:strings.LastIndexByte(name, '.')+1]
	outer := c.Write
	if p := e.parent(c.Write); p != ir.No && e.at(p).Op == ir.Match {
		outer = p
	}
	e.drop(outer, e.code.Lists[write.Lo])
	if err := e.behind("&" + module + c.Name + "/1"); err != nil {
		return err
	}
	if outer == c.Write && !strings.HasSuffix(name, "!") {
		f.Notes = append(f.Notes, "One that is not valid raises, and then none is written; before, it was left out.")
	}
	if err := e.done(); err != nil {
		return err
	}
	f.Edits[0].Reason = "One statement writes up to 500, in one round trip, and stays below the parameters that PostgreSQL takes."
	return nil
}

// chunk is how many rows one statement writes: the protocol of PostgreSQL takes 65,535
// parameters, one for each column of each row.
const chunk = 500

// inChunks are the steps of a pipe that give many rows to a function, each behind a line break
// with its indentation.
func inChunks(function, nl string) string {
	return nl + "|> Enum.chunk_every(" + strconv.Itoa(chunk) + ")" + nl + "|> Enum.each(" + function + ")"
}

// behind gives what the loop gives to a function, in chunks. The value is `:ok` then.
func (e *editor) behind(function string) error {
	loop := e.at(e.loop)
	nl := e.newline() + e.indent(e.start(e.loop))
	if !e.discarded(e.loop) && !e.statement(e.loop) {
		return errLayout
	}
	if loop.Op != ir.Call {
		if !strings.HasSuffix(e.of(e.loop), "end") || !e.begins(e.start(e.loop)) {
			return errLayout
		}
		e.edit(loop.End, loop.End, inChunks(function, nl))
		return nil
	}
	k := e.code.Callees[loop.A]
	if k.Module != "Enum" || k.Name != "each" || !e.begins(e.start(e.loop)) {
		return errLayout
	}
	at := e.name(e.loop)
	fn := e.at(e.code.List(loop)[1])
	switch {
	case loop.Flags&ir.FlagPiped == 0:
		if err := e.pipe(fn, nl); err != nil {
			return err
		}
	case e.begins(at - 3):
		nl = e.newline() + e.indent(at)
		e.edit(at, at+int32(len("Enum.each")), "Enum.map")
	default:
		coll := e.at(e.coll)
		if coll.Op == ir.Call && coll.Flags&ir.FlagPiped != 0 {
			return errLayout
		}
		e.edit(coll.End, at+int32(len("Enum.each")), nl+"|> Enum.map")
	}
	e.edit(loop.End, loop.End, inChunks(function, nl))
	return nil
}

// discarded reports whether nothing uses the value of an expression, nor that of the
// branches that it is the last of.
func (e *editor) discarded(x ir.ExprID) bool {
	for {
		if e.at(x).Flags&ir.FlagDiscard != 0 {
			return true
		}
		p := e.parent(x)
		if p == ir.No {
			return false
		}
		o := e.at(p)
		switch {
		case o.Op == ir.Block && o.Hi > o.Lo && e.code.Lists[o.Hi-1] == x:
		case o.Op == ir.Branch && (ir.ExprID(o.B) == x || ir.ExprID(o.C) == x):
		default:
			return false
		}
		x = p
	}
}

// pipe writes `Enum.each(list, fun)` as a pipe of two lines. The lines of a
// function's head stand below its beginning, so they move with it.
func (e *editor) pipe(fn *ir.Expr, nl string) error {
	loop, coll := e.at(e.loop), e.at(e.coll)
	if strings.Contains(e.of(e.coll), "\n") || strings.TrimSpace(e.text[coll.End:fn.Start]) != "," || !strings.HasPrefix(e.text[loop.Start:], "Enum.each(") {
		return errLayout
	}
	e.edit(loop.Start, e.start(e.coll), "")
	e.edit(coll.End, fn.Start, nl+"|> Enum.map(")
	if strings.Contains(e.text[coll.End:fn.Start], "\n") {
		return errLayout
	}
	was := int(fn.Start - e.lineStart(fn.Start))
	e.shift(fn, len(e.indent(e.start(e.loop)))+len("|> Enum.map(")-was)
	return nil
}

// shift moves the lines of a function's head, which stand below its beginning.
func (e *editor) shift(fn *ir.Expr, by int) {
	if fn.Op != ir.Closure {
		return
	}
	patterns, _, _ := e.code.Parts(e.at(e.code.List(fn)[0]))
	for _, p := range patterns {
		x := e.at(p)
		for at := e.lineEnd(x.Start); at <= x.End && at < int32(len(e.text)); at = e.lineEnd(at) {
			if by >= 0 {
				e.edit(at, at, strings.Repeat(" ", by))
			} else if strings.HasPrefix(e.text[at:], strings.Repeat(" ", -by)) {
				e.edit(at, at+int32(-by), "")
			}
		}
	}
}

// deleteTogether makes the query that finds the rows delete them.
func (w *Writer) deleteTogether(f *fix.Fix, c *fix.DeleteTogether) error {
	e := w.editor(f, c.Code, c.Loop, c.Read)
	f.Safety = fix.Asked
	loop, read := e.at(c.Loop), e.at(c.Read)
	full, ok := e.callee(c.Read)
	name := e.code.Callees[read.A].Name
	if !ok || !strings.HasSuffix(full, name) {
		return errLayout
	}
	tail := ""
	if !e.discarded(c.Loop) {
		if !e.statement(c.Loop) {
			return errLayout
		}
		tail = e.newline() + e.newline() + e.indent(e.start(e.loop)) + ":ok"
	}
	at := e.name(c.Read) + int32(len(full)-len(name))
	if from := e.start(c.Loop); from < e.start(c.Read) {
		e.edit(from, e.start(c.Read), "")
	}
	e.edit(at, at+int32(len(name)), c.Name)
	e.edit(read.End, loop.End, tail)
	if err := e.done(); err != nil {
		return err
	}
	f.Edits[0].Reason = "The database finds and deletes the rows by itself, in one round trip."
	return nil
}
