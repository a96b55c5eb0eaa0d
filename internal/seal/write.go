package seal

import (
	"errors"
	"os"
	"path/filepath"
)

// WriteFile replaces a file whole: after a crash at any moment there is the old
// content or the new one, and after it returned nil there is the new one. The
// directory must be there.
func WriteFile(path string, content []byte, perm os.FileMode) error {
	tmp, err := writeTemp(path, content, perm)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return errors.Join(err, os.Remove(tmp))
	}
	return SyncDir(filepath.Dir(path))
}

// createFile is WriteFile for a file that must not be there yet (fs.ErrExist).
func createFile(path string, content []byte) error {
	tmp, err := writeTemp(path, content, 0o600)
	if err != nil {
		return err
	}
	// Unlike a rename, a link does not replace the file of a process that was
	// faster.
	err = os.Link(tmp, path)
	if err := errors.Join(err, os.Remove(tmp)); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// writeTemp writes a durable file beside path and gives its name.
func writeTemp(path string, content []byte, perm os.FileMode) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(perm)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// SyncDir makes the names in a directory durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
