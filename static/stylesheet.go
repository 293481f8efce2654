package static

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
)

// stylesheet joins the index and the files it imports into one sheet, each in
// its @layer and in the order of the index, with url() pointing at what find
// knows, and nothing in it that only a reader needs.
func stylesheet(files fs.FS, index string, find func(name string) (url string, ok bool)) ([]byte, error) {
	source, err := fs.ReadFile(files, index)
	if err != nil {
		return nil, err
	}
	imports := regexp.MustCompile(`@import "([^"]+)" layer\(([\w-]+)\);`)
	var sheet bytes.Buffer
	at := 0
	for _, m := range imports.FindAllSubmatchIndex(source, -1) {
		name := path.Join(path.Dir(index), string(source[m[2]:m[3]]))
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", index, err)
		}
		if body, err = resolve(name, body, find); err != nil {
			return nil, err
		}
		sheet.Write(source[at:m[0]])
		fmt.Fprintf(&sheet, "@layer %s{%s}", source[m[4]:m[5]], body)
		at = m[1]
	}
	sheet.Write(source[at:])
	if bytes.Contains(sheet.Bytes(), []byte("@import")) {
		return nil, fmt.Errorf("%s: every @import is a name and a layer, and stands in the index", index)
	}
	return squeeze(sheet.Bytes()), nil
}

func resolve(name string, css []byte, find func(string) (string, bool)) ([]byte, error) {
	var missing error
	css = regexp.MustCompile(`url\("([^"#:]+)"\)`).ReplaceAllFunc(css, func(ref []byte) []byte {
		target := path.Join(path.Dir(name), string(ref[len(`url("`):len(ref)-len(`")`)]))
		url, ok := find(target)
		if !ok {
			missing = fmt.Errorf("%s: there is no %s", name, target)
		}
		return []byte(`url("` + url + `")`)
	})
	return css, missing
}

// squeeze drops comments and the space that separates nothing. It knows no
// property and no selector, so it cannot change what a rule means.
func squeeze(css []byte) []byte {
	out := make([]byte, 0, len(css))
	space := false
	for i := 0; i < len(css); {
		c := css[i]
		switch {
		case bytes.HasPrefix(css[i:], []byte("/*")):
			end := bytes.Index(css[i+2:], []byte("*/"))
			if end < 0 {
				return out
			}
			i += end + 4
			space = true
			continue
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			i++
			space = true
			continue
		}
		n := len(out)
		if space && n > 0 && !bytes.ContainsRune([]byte("{};:,>("), rune(out[n-1])) && !bytes.ContainsRune([]byte("{};,>)!"), rune(c)) {
			out = append(out, ' ')
		}
		space = false
		if c == '}' && n > 0 && out[n-1] == ';' {
			out = out[:n-1]
		}
		end := i + 1
		if c == '"' || c == '\'' {
			for end < len(css) && css[end] != c {
				if css[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end+1, len(css))
		}
		out = append(out, css[i:end]...)
		i = end
	}
	return out
}
