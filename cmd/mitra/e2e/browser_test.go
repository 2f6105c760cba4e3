// Package e2e_test drives the built program: in a real browser, by what people read on
// the page, and as its operators do, by commands, signals and what breaks around it.
package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// binary is the program under test, built once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "mitra-e2e-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "mitra")
	out, err := exec.Command("go", "build", "-o", path, "github.com/mitra-platform/mitra/cmd/mitra").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// server is a running mitra.
type server struct {
	url, data, log string
	process        *os.Process
	// stop ends it, once, and waits; kill does the same without a word.
	stop, kill func()
}

// start runs the program on a free loopback port and ends it with the test, whose log
// must then hold no error.
func start(t testing.TB, data string, args ...string) *server {
	t.Helper()
	s := launch(t, data, nil, args...)
	t.Cleanup(func() {
		s.stop()
		if text := s.logged(t); strings.Contains(text, `"level":"ERROR"`) {
			t.Errorf("errors in the log:\n%s", text)
		}
	})
	return s
}

// launch runs the program with further variables; its log may hold errors.
func launch(t testing.TB, data string, environ []string, args ...string) *server {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"serve", "--listen", "127.0.0.1:0", "--data", data}, args...)...) // #nosec G204 -- built above
	cmd.Env = append(os.Environ(), environ...)
	return begin(t, data, cmd)
}

// begin starts a server's command and waits until it is ready.
func begin(t testing.TB, data string, cmd *exec.Cmd) *server {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{data: data, log: log.Name(), process: cmd.Process}
	end := func(signal os.Signal) error {
		_ = cmd.Process.Signal(signal)
		return cmd.Wait()
	}
	ended := false
	s.stop = func() {
		if ended {
			return
		}
		ended = true
		if err := end(os.Interrupt); err != nil {
			t.Errorf("mitra ended with %v", err)
		}
	}
	s.kill = func() {
		if !ended {
			ended = true
			_ = end(os.Kill)
		}
	}
	t.Cleanup(s.stop)
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatalf("mitra did not start: %s", s.logged(t))
	}
	_, url, ok := strings.Cut(lines.Text(), "mitra listening on ")
	if !ok {
		t.Fatalf("the ready line: %q", lines.Text())
	}
	s.url = url
	return s
}

// logged is what the server wrote to its log until now.
func (s *server) logged(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile(s.log)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// run does one command beside the server and gives what it printed.
func (s *server) run(t *testing.T, args ...string) string {
	t.Helper()
	out, status, log := command(t, nil, append(args, "--data", s.data, "--public-url", s.url)...)
	if status != 0 {
		t.Fatalf("mitra %s: exit status %d\n%s%s", strings.Join(args, " "), status, out, log)
	}
	return out
}

// command runs the program and gives what it printed, its exit status and its log.
func command(t testing.TB, environ []string, args ...string) (printed string, status int, logged string) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	var out, log strings.Builder
	cmd := exec.Command(path, args...) // #nosec G204 -- built above
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), environ...), &out, &log
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out.String()), cmd.ProcessState.ExitCode(), log.String()
}

// person is how somebody uses a browser.
type person struct{ keyboard, noScript, english bool }

// browser is one person's browser.
type browser struct {
	t     *testing.T
	ctx   context.Context
	shots string
	n     int
	// keyboard says that this person has no mouse.
	keyboard bool
	// english says which language this person reads; the other is Indonesian.
	english bool
}

// reach goes to an element with the Tab key alone.
func (b *browser) reach(target string) {
	b.t.Helper()
	here := fmt.Sprintf(`document.evaluate(%q, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE, null).singleNodeValue === document.activeElement`, target)
	for range 400 {
		if get(b, chromedp.Evaluate[bool](here)) {
			return
		}
		b.do(chromedp.KeyEvent("\t"))
	}
	b.shot("unreached")
	b.t.Fatalf("the keyboard does not reach %s on the page:\n%s", target, b.text())
}

// newBrowser opens Chromium with a profile of its own. Without one the test is skipped,
// unless MITRA_REQUIRE_BROWSER says that it must not be.
func newBrowser(t *testing.T, width, height int, p person) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("MITRA_REQUIRE_BROWSER") != "" {
			t.Fatal("chromium is not installed, and MITRA_REQUIRE_BROWSER is set")
		}
		t.Skip("chromium is not installed: browser tests are skipped")
	}
	language := "id"
	if p.english {
		language = "en"
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("force-prefers-reduced-motion", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.NoFirstRun,
		chromedp.Flag("lang", language), chromedp.Flag("accept-lang", language), chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(width, height))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx, shots: os.Getenv("MITRA_SHOTS"), keyboard: p.keyboard, english: p.english}
	// The first call starts the browser, which then lives as long as its context.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(width), int64(height))); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	if p.noScript {
		if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// patience is how long a page may take.
const patience = 10 * time.Second

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.shot("failed")
		b.t.Fatalf("browser: %v\non the page:\n%s", err, b.text())
	}
}

// get asks the browser for something.
func get[T any](b *browser, a chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		b.t.Fatalf("browser: %v\non the page:\n%s", err, b.text())
	}
	return v
}

// shot keeps a picture of the whole page where MITRA_SHOTS says.
func (b *browser) shot(name string) {
	if b.shots == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		return
	}
	b.n++
	file := fmt.Sprintf("%s-%02d-%s.png", strings.ReplaceAll(b.t.Name(), "/", "-"), b.n, name)
	_ = os.WriteFile(filepath.Join(b.shots, file), picture, 0o600)
}

func (b *browser) text() string {
	ctx, cancel := context.WithTimeout(b.ctx, 2*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
	return text
}

func (b *browser) open(url string) { b.t.Helper(); b.do(chromedp.Navigate(url)) }

// sees waits until the page says something.
func (b *browser) sees(text string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.Search(fmt.Sprintf(`(//main//*[contains(normalize-space(.), %s)])[1]`, quoted(b.say(text))))))
}

// fill types into the field of a label.
func (b *browser) fill(label, text string) {
	b.t.Helper()
	field := fmt.Sprintf(`(//label[starts-with(normalize-space(.), %s)]/following::*[self::input or self::textarea])[1]`, quoted(b.say(label)))
	b.typing(field, text)
}

// typing replaces what a field holds, with the keyboard.
func (b *browser) typing(field, text string) {
	b.t.Helper()
	at := chromedp.Search(field)
	if b.keyboard {
		b.reach(field)
		b.do(chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.KeyEvent(text))
		return
	}
	b.do(chromedp.Focus(at), chromedp.KeyEvent("a", chromedp.KeyModifiers(chromedp.ModifierCtrl)), chromedp.SendKeys(at, text))
}

// day types a day into the three fields of a legend.
func (b *browser) day(legend, day, month, year string) {
	b.t.Helper()
	for i, text := range []string{day, month, year} {
		field := fmt.Sprintf(`(//legend[normalize-space(.)=%s]/following::input)[%d]`, quoted(b.from(days, legend)), i+1)
		b.typing(field, text)
	}
}

// choose picks an option of the select under a label.
func (b *browser) choose(label, option string) {
	b.t.Helper()
	field := fmt.Sprintf(`(//label[normalize-space(.)=%s]/following::select)[1]`, quoted(b.say(label)))
	option = b.say(option)
	if b.keyboard {
		b.reach(field)
		b.do(chromedp.KeyEvent(option))
		return
	}
	value := get(b, chromedp.AttributeValue(chromedp.Search(fmt.Sprintf(`%s/option[contains(., %s)]`, field, quoted(option))), "value"))
	b.do(chromedp.SetValue(chromedp.Search(field), value.Value))
}

// attach chooses a file in the field of a label.
func (b *browser) attach(label, path string) {
	b.t.Helper()
	field := fmt.Sprintf(`(//label[normalize-space(.)=%s]/following::input[@type="file"])[1]`, quoted(label))
	b.do(chromedp.SetUploadFiles(chromedp.Search(field), []string{path}))
}

// press follows a link or a button by what it says, and waits for the next page.
func (b *browser) press(text string) {
	b.t.Helper()
	target := fmt.Sprintf(`(//main//*[self::a or self::button][starts-with(normalize-space(.), %s)])[1]`, quoted(b.say(text)))
	b.follow(target)
}

func (b *browser) follow(target string) {
	b.t.Helper()
	step := chromedp.Click(chromedp.Search(target))
	if b.keyboard {
		b.reach(target)
		step = chromedp.KeyEvent("\r")
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.RunResponse(ctx, step); err != nil {
		b.shot("failed")
		b.t.Fatalf("press %s: %v\non the page:\n%s", target, err, b.text())
	}
}

func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, `'`) + `"` }

// account is a line of demo-accounts.json.
type account struct {
	Tenant, Organisation, Side, Role, Person, Email, Password, Token string
}

func (s *server) accounts(t *testing.T) []account {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.data, "demo-accounts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []account
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// address is where the browser is, without a query.
func (b *browser) address() string {
	b.t.Helper()
	url, _, _ := strings.Cut(get(b, chromedp.Location()), "?")
	return url
}

// fits checks that the page is no wider than the window and lacks no message, and keeps
// its picture.
func (b *browser) fits(name string) {
	b.t.Helper()
	wide := get(b, chromedp.Evaluate[int](`document.documentElement.scrollWidth`))
	window := get(b, chromedp.Evaluate[int](`window.innerWidth`))
	b.shot(fmt.Sprintf("%d-%s", window, name))
	if wide > window {
		b.t.Errorf("%s is %d wide in a window of %d", name, wide, window)
	}
	b.accessible(name)
	if text := b.text(); strings.Contains(text, "⟦") {
		b.t.Errorf("%s lacks a message: %.200s", name, text[strings.Index(text, "⟦"):])
	}
}

// violation is what axe finds wrong.
type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Where string `json:"where"`
}

// accessible lets axe look at the page, where MITRA_AXE names its file.
func (b *browser) accessible(name string) {
	b.t.Helper()
	path := os.Getenv("MITRA_AXE")
	if path == "" {
		return
	}
	axe, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		b.t.Fatal(err)
	}
	_ = get(b, chromedp.Evaluate[bool](string(axe)+"; true"))
	found := get(b, chromedp.Evaluate[[]violation](`axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => r.violations.map(v => ({id: v.id, help: v.help, where: v.nodes.map(n => n.target.join(" ")).join("; ")})))`, chromedp.EvalAwaitPromise))
	for _, v := range found {
		b.t.Errorf("%s: %s (%s) at %.300s", name, v.Help, v.ID, v.Where)
	}
}
