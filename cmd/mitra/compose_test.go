package main_test

import (
	"bufio"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

const composeFile = "../../docker-compose.yml"

// filled is what a person would write into .env.
var filled = map[string]string{
	"MITRA_PUBLIC_URL":        "https://mitra.example.org",
	"MITRA_MASTER_KEY_SOURCE": "./master.key",
	"MONGODB_KEY_SOURCE":      "./replica.key",
	"MONGODB_PASSWORD":        "database-secret",
	"MITRA_S3_ACCESS_KEY":     "store-user",
	"MITRA_S3_SECRET_KEY":     "store-secret",
}

func compose(t *testing.T, env map[string]string) (*types.Project, error) {
	t.Helper()
	path, err := filepath.Abs(composeFile)
	if err != nil {
		t.Fatal(err)
	}
	return loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  filepath.Dir(path),
		ConfigFiles: []types.ConfigFile{{Filename: path}},
		Environment: maps.Clone(env), // the loader adds to it
	})
}

func filledCompose(t *testing.T) *types.Project {
	t.Helper()
	project, err := compose(t, filled)
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestComposeHasTheApplicationAndItsStores(t *testing.T) {
	t.Parallel()
	got := slices.Sorted(maps.Keys(filledCompose(t).Services))
	if want := []string{"app", "minio", "mongodb"}; !slices.Equal(got, want) {
		t.Errorf("services: got %v, want %v", got, want)
	}
}

func TestComposePublishesOnlyTheApplicationAndOnLoopback(t *testing.T) {
	t.Parallel()
	for name, s := range filledCompose(t).Services {
		if name != "app" {
			if len(s.Ports) > 0 {
				t.Errorf("%s publishes %v", name, s.Ports)
			}
			continue
		}
		if len(s.Ports) != 1 || s.Ports[0].HostIP != "127.0.0.1" || s.Ports[0].Target != 8080 {
			t.Errorf("app: got ports %+v, want 8080 on loopback alone", s.Ports)
		}
	}
}

func TestComposeKeepsTheStoresOnAnInternalNetwork(t *testing.T) {
	t.Parallel()
	project := filledCompose(t)
	for _, name := range []string{"minio", "mongodb"} {
		for network := range project.Services[name].Networks {
			if !bool(project.Networks[network].Internal) {
				t.Errorf("%s is on %s, which is not internal", name, network)
			}
		}
		if len(project.Services[name].Networks) == 0 {
			t.Errorf("%s is on no named network, so on the default one", name)
		}
	}
}

func TestComposeServicesAreHardenedAndWatched(t *testing.T) {
	t.Parallel()
	for name, s := range filledCompose(t).Services {
		if s.HealthCheck == nil || s.HealthCheck.Disable || len(s.HealthCheck.Test) < 2 {
			t.Errorf("%s has no health check", name)
		}
		if !s.ReadOnly || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") || s.Privileged {
			t.Errorf("%s: root file system writable or privileges to be gained", name)
		}
		if s.Restart != "unless-stopped" {
			t.Errorf("%s: got restart %q", name, s.Restart)
		}
		if !slices.ContainsFunc(s.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Type == types.VolumeTypeVolume }) {
			t.Errorf("%s keeps its data in no volume", name)
		}
		if s.Build == nil && !pinned(s.Image) {
			t.Errorf("%s: image %q is not pinned to a release", name, s.Image)
		}
	}
}

func pinned(image string) bool {
	_, tag, ok := strings.Cut(image, ":")
	return ok && strings.ContainsAny(tag, "0123456789") && strings.ContainsAny(tag, ".-")
}

func TestComposeStartsTheApplicationAfterHealthyStores(t *testing.T) {
	t.Parallel()
	needs := filledCompose(t).Services["app"].DependsOn
	for _, name := range []string{"minio", "mongodb"} {
		if got := needs[name].Condition; got != types.ServiceConditionHealthy {
			t.Errorf("%s: got condition %q, want %q", name, got, types.ServiceConditionHealthy)
		}
	}
}

func TestComposeRefusesToStartWithoutASecret(t *testing.T) {
	t.Parallel()
	for name := range filled {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := maps.Clone(filled)
			delete(env, name)
			if _, err := compose(t, env); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("without %s: got error %v, want one that names it", name, err)
			}
		})
	}
}

func TestComposeHoldsNoSecretItself(t *testing.T) {
	t.Parallel()
	other := maps.Clone(filled)
	for name, value := range filled {
		other[name] = value + "2"
	}
	project, err := compose(t, other)
	if err != nil {
		t.Fatal(err)
	}
	secret := regexp.MustCompile(`PASSWORD|SECRET|ACCESS_KEY|MONGODB_URI|ROOT_USER$`)
	for name, s := range filledCompose(t).Services {
		for variable, value := range s.Environment {
			after := project.Services[name].Environment[variable]
			if secret.MatchString(variable) && value != nil && (after == nil || *value == *after) {
				t.Errorf("%s: %s does not come from the environment", name, variable)
			}
		}
	}
}

// settings of the application that scripts rely on, less those of tests.
var documented = []string{
	"MITRA_LISTEN", "MITRA_DATA", "MITRA_PUBLIC_URL", "MITRA_TLS", "MITRA_METRICS_LISTEN", "MITRA_MONGODB_URI",
	"MITRA_S3_ENDPOINT", "MITRA_S3_ACCESS_KEY", "MITRA_S3_SECRET_KEY", "MITRA_S3_BUCKET", "MITRA_S3_REGION", "MITRA_S3_SECURE",
	"MITRA_MASTER_KEY_FILE", "MITRA_CLAMD", "MITRA_SMTP_URL", "MITRA_MAIL_FROM",
}

func TestComposeSetsOnlyDocumentedSettings(t *testing.T) {
	t.Parallel()
	app := filledCompose(t).Services["app"]
	for variable := range app.Environment {
		if !slices.Contains(documented, variable) {
			t.Errorf("%s is no setting of mitra", variable)
		}
	}
	for _, needed := range []string{"MITRA_MONGODB_URI", "MITRA_S3_ENDPOINT", "MITRA_MASTER_KEY_FILE"} {
		if app.Environment[needed] == nil {
			t.Errorf("%s is not set", needed)
		}
	}
}

func TestEnvExampleNamesEveryVariableOfComposeAndHoldsNoSecret(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(composeFile)
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]bool{}
	for _, m := range regexp.MustCompile(`\$\{([A-Z0-9_]+)`).FindAllStringSubmatch(string(text), -1) {
		asked[m[1]] = true
	}
	example := readEnv(t, "../../.env.example")
	if got, want := slices.Sorted(maps.Keys(example)), slices.Sorted(maps.Keys(asked)); !slices.Equal(got, want) {
		t.Errorf(".env.example names %v, docker-compose.yml asks for %v", got, want)
	}
	for name := range filled {
		if example[name] != "" {
			t.Errorf(".env.example has a value for %s", name)
		}
	}
}

func readEnv(t *testing.T, path string) map[string]string {
	t.Helper()
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	env := map[string]string{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), "="); ok && !strings.HasPrefix(name, "#") {
			env[name] = value
		}
	}
	return env
}
