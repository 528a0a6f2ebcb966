package link

import (
	"testing"

	"github.com/assay-dev/assay/internal/ir"
)

// The words of a name are parted by other characters and by capital letters.
func TestForStaff(t *testing.T) {
	for name, want := range map[string]bool{
		"/admin/users": true, "require_admin": true, "MyAppWeb.Admin.UserLive": true, "AdminRoutes": true, "MyApp.BackOffice.Page": true,
		"ensure_staff_member": true, "superadmin": true, "/backoffice": true,
		"": false, "/administer": false, "MyApp.Badminton": false, "Adminton": false, "staffing": false, "/users": false, "é_admin": true,
	} {
		if forStaff(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}

// A router may call a module by any end of its name.
func TestEachEnd(t *testing.T) {
	var got []string
	eachEnd("A.B.C", func(name string) { got = append(got, name) })
	if len(got) != 3 || got[0] != "A.B.C" || got[1] != "B.C" || got[2] != "C" {
		t.Errorf("%v", got)
	}
}

func TestEachEndIn(t *testing.T) {
	byEnd := map[string][]*ir.Module{"New": {{Name: "MyAppWeb.BoardLive.New"}}, "Slider": {{Name: "MyAppWeb.Slider"}}}
	for text, want := range map[string]int{
		`<.live_component module={Slider} id="s" />`:                        1,
		`<%= live_component @socket, MyAppWeb.Slider %>`:                    1,
		`<%= live_component Slider %>`:                                      1,
		`<%#= live_component @socket, Slider %>`:                            0,
		`<%!-- module={Slider} --%><!-- module={Slider} -->`:                0,
		`<%# not closed module={Slider}`:                                    0,
		`<%# a %><%# b %><.live_component module={Slider} />`:               1,
		`<h1>New board</h1> Slider`:                                         0,
		`module={BoardLive.New} module={OtherLive.New} module={X.My.New}`:   1,
		`module={MyAppWeb.BoardLive.New}, &__MODULE__.New.render/1 New.x/0`: 2,
	} {
		n := 0
		eachEndIn(text, byEnd, func(*ir.Module) { n++ })
		if n != want {
			t.Errorf("eachEndIn(%q) finds %d names, want %d", text, n, want)
		}
	}
}
