package link

import "testing"

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
