// Package static holds the one stylesheet, the one small script and the mark, each under
// a path that names its content, so that browsers may keep it for good.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"sync"
)

//go:embed css/mitra.css js/enhance.js icon.svg
var files embed.FS

// hashes are of every file's content.
var hashes = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(name)
		sum := sha256.Sum256(b)
		all[name] = hex.EncodeToString(sum[:6])
		return err
	})
	if err != nil {
		panic(err) // the files are part of the program
	}
	return all
})

// Path is where a file is served.
func Path(name string) string { return "/static/" + hashes()[name] + "/" + name }

// Read gives a file and its type under the hash in its path; false for any other.
func Read(hash, name string) (body []byte, kind string, ok bool) {
	if known := hashes()[name]; known == "" || known != hash {
		return nil, "", false
	}
	b, err := files.ReadFile(name)
	return b, kinds[path.Ext(name)], err == nil
}

var kinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}
