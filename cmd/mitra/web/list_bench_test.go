package web_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/mitra-platform/mitra/services/people"
	"github.com/mitra-platform/mitra/services/programs"
	"github.com/mitra-platform/mitra/tenants"
	"github.com/mitra-platform/mitra/tenants/tenantstest"
)

// stock fills a tenant with programs: one made as people make them, and copies of it
// with their own title and words.
func (s *site) stock(b *testing.B, n int) {
	b.Helper()
	s.draft(b)
	if err := s.settle(b.Context()); err != nil {
		b.Fatal(err)
	}
	records := s.Raw(b, "t_kupang").Collection("programs")
	var model bson.D
	if err := records.FindOne(b.Context(), bson.D{}).Decode(&model); err != nil {
		b.Fatal(err)
	}
	docs := make([]any, 0, 1000)
	for i := 1; i < n; i++ {
		title := fmt.Sprintf("Program %06d", i*7919%n)
		docs = append(docs, with(model, map[string]any{
			"_id": idOf(title), "title": title, "terms": []string{"program", title[8:]},
		}))
		if len(docs) == cap(docs) || i == n-1 {
			if _, err := records.InsertMany(b.Context(), docs); err != nil {
				b.Fatal(err)
			}
			docs = docs[:0]
		}
	}
}

// with is a copy of a document with other values of some fields.
func with(model bson.D, fields map[string]any) bson.D {
	doc := make(bson.D, len(model))
	for i, e := range model {
		doc[i] = e
		if v, ok := fields[e.Key]; ok {
			doc[i].Value = v
		}
	}
	return doc
}

// bookmark is the cursor of the page after a title, as a list sorted by title gives it.
func bookmark(b *testing.B, title string) string {
	b.Helper()
	raw, err := bson.Marshal(bson.D{{Key: "s", Value: "title"}, {Key: "v", Value: title}, {Key: "i", Value: idOf(title)}})
	if err != nil {
		b.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func idOf(title string) string { return string(tenants.DeriveID[programs.Program]("pg", title)) }

// BenchmarkList prints how much longer 25 programs, filtered, sorted and counted, take
// over HTTP among 100,000 than among 1,000; and how much longer the page in the middle
// of the 100,000 takes than the first.
func BenchmarkList(b *testing.B) {
	stocked := func(n int) (first, token string) {
		s := newSite(b)
		s.site.Unlimited()
		s.stock(b, n)
		return listen(b, s.site.App()) + "/api/v1/kupang/programs?state=drafting&sort=title&limit=25", s.tokens[coordinator]
	}
	ask := func(url, token string) tenantstest.Round {
		return tenantstest.Calls(16, func() { expect(b, 200, "GET", url, token, "") })
	}
	few, fewToken := stocked(1_000)
	many, manyToken := stocked(100_000)
	deep := many + "&cursor=" + bookmark(b, "Program 050000")
	if _, text := fetch(b, "GET", deep, manyToken, ""); !strings.Contains(text, `"Program 050001"`) {
		b.Fatalf("the page in the middle: %.300s", text)
	}
	b.Run("growth", func(b *testing.B) { tenantstest.Compare(b, "x-of-1k", ask(few, fewToken), ask(many, manyToken)) })
	b.Run("middle", func(b *testing.B) { tenantstest.Compare(b, "x-of-first", ask(many, manyToken), ask(deep, manyToken)) })
}

// BenchmarkPage prints how much longer the page of a list of 50 takes than its JSON.
func BenchmarkPage(b *testing.B) {
	s := newSite(b)
	s.site.Unlimited()
	s.stock(b, 1_000)
	base, token := listen(b, s.site.App()), s.tokens[coordinator]
	in, err := s.People.SignIn(b.Context(), people.SignIn{Login: "cso_coordinator@yayasan.kupang.example.org", Password: secret})
	if err != nil {
		b.Fatal(err)
	}
	const list = "/kupang/programs?limit=50&sort=title"
	tenantstest.Compare(b, "x-of-json",
		tenantstest.Calls(16, func() { expect(b, 200, "GET", base+"/api/v1"+list, token, "") }),
		tenantstest.Calls(16, func() {
			if status, _ := request(b, "GET", base+list, "", "Cookie", "mitra_session="+in.Secret); status != 200 {
				b.Errorf("the page: %d", status)
			}
		}))
}
