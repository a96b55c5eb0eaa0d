package main

import (
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/motcua/motcua/core/catalog"
	"github.com/motcua/motcua/core/catalog/cataloggen"
	"github.com/motcua/motcua/core/catalog/hcmc"
)

// allProcedures is how many procedures of all levels the city publishes; loading
// that many must not be felt at a start.
const (
	allProcedures = 2242
	packRepeats   = 3
	maxPackLoad   = time.Second
)

// packLoad is how long a pack takes from files on disk to a catalogue in use, on
// one processor.
type packLoad struct {
	Procedures int           `json:"procedures"`
	Took       time.Duration `json:"tookNanoseconds"` // median
}

// measurePacks loads the shipped pack and one of all procedures of the city.
func measurePacks() ([]packLoad, error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var out []packLoad
	for _, n := range []int{0, allProcedures} {
		l, err := measurePack(n)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

func measurePack(n int) (packLoad, error) {
	files, err := cataloggen.Files(hcmc.Pack(), n)
	if err != nil {
		return packLoad{}, err
	}
	dir, err := os.MkdirTemp("", "motcua-pack-")
	if err != nil {
		return packLoad{}, err
	}
	defer os.RemoveAll(dir)
	if err := writeFiles(dir, files); err != nil {
		return packLoad{}, err
	}
	var took []float64
	l := packLoad{}
	for range packRepeats {
		runtime.GC()
		begin := time.Now()
		c, err := catalog.Load(os.DirFS(dir))
		if err != nil {
			return packLoad{}, err
		}
		took = append(took, time.Since(begin).Seconds())
		l.Procedures = len(c.Procedures())
	}
	l.Took = time.Duration(median(took) * float64(time.Second))
	return l, nil
}

// writeFiles puts the files of a pack into a directory.
func writeFiles(dir string, files map[string][]byte) error {
	for name, data := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// packAims judges the large pack.
func packAims(loads []packLoad) []aim {
	var out []aim
	for _, l := range loads {
		if l.Procedures >= allProcedures {
			out = append(out, aim{Engine: "none", Name: "load of 2,242 procedures on one processor, seconds", Conns: 1,
				Want: "≤ 1", Got: l.Took.Seconds(), Pass: l.Took <= maxPackLoad})
		}
	}
	return out
}
