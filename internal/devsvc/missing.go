package devsvc

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
)

// MissingError says that a program is not installed, and what to install.
type MissingError struct {
	Program string // what was looked for, for example "redis-server"
	Package string // the Debian package that holds it
}

// Error tells the command that mends it.
func (e *MissingError) Error() string {
	return fmt.Sprintf("%s is not installed: run `apt-get install -y %s`", e.Program, e.Package)
}

// find gives the first of the named programs that can be run: on the PATH, or
// else one of the files that match the patterns, highest version first.
func find(pkg string, names []string, patterns ...string) (string, error) {
	for _, n := range names {
		if p, err := exec.LookPath(n); err == nil {
			return p, nil
		}
	}
	for _, pattern := range patterns {
		files, _ := filepath.Glob(pattern)
		sort.Strings(files)
		slices.Reverse(files)
		for _, f := range files {
			if st, err := os.Stat(f); err == nil && !st.IsDir() && st.Mode()&0o111 != 0 {
				return f, nil
			}
		}
	}
	return "", &MissingError{Program: names[0], Package: pkg}
}

// Chromium gives the path of the browser that the page tests drive.
func Chromium() (string, error) {
	return find("chromium", []string{"chromium", "chromium-browser", "google-chrome"}, "/usr/bin/chromium", "/usr/lib/chromium/chromium")
}

// ChromiumArgs gives the arguments for a headless browser that speaks to the
// loopback interface only: every background connection is off. The profile
// directory must be new and empty. Inside a container the tests run as root,
// where Chromium's own sandbox does not start.
func ChromiumArgs(profile string) []string {
	return []string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync",
		"--disable-default-apps", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--user-data-dir=" + profile,
	}
}
