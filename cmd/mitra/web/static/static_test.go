package static_test

import (
	"bytes"
	"compress/gzip"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/mitra-platform/mitra/cmd/mitra/web/static"
)

// read gives a file that is served under its own path.
func read(t *testing.T, name string) string {
	t.Helper()
	rest, ok := strings.CutPrefix(static.Path(name), "/static/")
	hash, name, cut := strings.Cut(rest, "/")
	body, kind, found := static.Read(hash, name)
	if !ok || !cut || !found || kind == "" {
		t.Fatalf("%s is not served under %s (type %q)", name, static.Path(name), kind)
	}
	return string(body)
}

func TestAFileIsServedOnlyUnderTheHashOfItsContent(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"css/mitra.css", "js/enhance.js", "icon.svg"} {
		read(t, name)
		if _, _, ok := static.Read("000000000000", name); ok {
			t.Errorf("%s is served under a hash that is not its own", name)
		}
	}
	for _, name := range []string{"", "..", "static.go", "../static.go", "css", "css/"} {
		if _, _, ok := static.Read("", name); ok {
			t.Errorf("%q is served", name)
		}
	}
}

func TestTheStylesheetIsSmall(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(read(t, "css/mitra.css"))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if most := 10 << 10; packed.Len() > most {
		t.Errorf("the stylesheet is %d bytes compressed, want at most %d", packed.Len(), most)
	}
}

// tokens are the colours of a scheme, by name. What the dark one does not say is as in
// the light one.
func tokens(t *testing.T, css string) (light, dark map[string]string) {
	t.Helper()
	before, after, ok := strings.Cut(css, "prefers-color-scheme: dark")
	if !ok {
		t.Fatal("the stylesheet has no dark scheme")
	}
	after, _, _ = strings.Cut(after, "*, *::before")
	colour := regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]{6});`)
	light, dark = map[string]string{}, map[string]string{}
	for _, m := range colour.FindAllStringSubmatch(before, -1) {
		light[m[1]], dark[m[1]] = m[2], m[2]
	}
	for _, m := range colour.FindAllStringSubmatch(after, -1) {
		dark[m[1]] = m[2]
	}
	return light, dark
}

// luminance is WCAG's relative luminance of #rrggbb.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		t.Fatalf("colour %q: %v", colour, err)
	}
	part := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Text needs 4.5 to 1, edges of controls, signs and drawings 3 to 1 (WCAG 2.2, 1.4.3 and
// 1.4.11). Axe cannot judge text in a drawing, so the pairs are counted here.
func TestEveryPairOfColoursCanBeRead(t *testing.T) {
	t.Parallel()
	const text, shape = 4.5, 3
	pairs := []struct {
		on, over string
		least    float64
	}{
		{"text", "ground", text}, {"text", "surface", text}, {"text", "tint", text}, {"soft", "ground", text}, {"soft", "surface", text},
		{"soft", "tint", text}, {"link", "ground", text}, {"link", "surface", text}, {"link", "tint", text},
		{"on-brand", "brand", text}, {"on-brand", "brand-strong", text}, {"good", "good-ground", text}, {"good", "surface", text},
		{"wait", "wait-ground", text}, {"bad", "bad-ground", text}, {"bad", "surface", text}, {"bad", "ground", text},
		{"bad", "tint", text}, {"calm", "calm-ground", text}, {"now", "surface", text},
		{"edge", "surface", shape}, {"edge", "ground", shape}, {"brand", "surface", shape}, {"brand", "ground", shape},
		{"bar", "surface", shape}, {"bar", "calm-ground", shape}, {"focus-ring", "ground", shape}, {"focus-ring", "surface", shape},
	}
	light, dark := tokens(t, read(t, "css/mitra.css"))
	for scheme, colours := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, p := range pairs {
			if colours[p.on] == "" || colours[p.over] == "" {
				t.Errorf("%s: no colour %s or %s", scheme, p.on, p.over)
				continue
			}
			if got := contrast(t, colours[p.on], colours[p.over]); got < p.least {
				t.Errorf("%s: %s on %s is %.2f, want %.1f", scheme, p.on, p.over, got, p.least)
			}
		}
	}
}

func TestTheStylesheetUsesNoColourThatItDoesNotName(t *testing.T) {
	t.Parallel()
	css := read(t, "css/mitra.css")
	light, _ := tokens(t, css)
	named := regexp.MustCompile(`var\(--([a-z0-9-]+)\)`)
	known := regexp.MustCompile(`--([a-z0-9-]+):`)
	all := map[string]bool{}
	for _, m := range known.FindAllStringSubmatch(css, -1) {
		all[m[1]] = true
	}
	for _, m := range named.FindAllStringSubmatch(css, -1) {
		if !all[m[1]] {
			t.Errorf("var(--%s) is defined nowhere", m[1])
		}
	}
	if len(light) < 20 || strings.Count(css, "{") != strings.Count(css, "}") {
		t.Errorf("%d colours; braces %d and %d", len(light), strings.Count(css, "{"), strings.Count(css, "}"))
	}
}
