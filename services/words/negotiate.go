package words

import "golang.org/x/text/language"

// Negotiate picks the language of an answer: the reader's own choice, else the first
// language of the Accept-Language header that the product speaks, else the tenant's,
// else Indonesian. Whoever asks for Malay, Javanese, Sundanese or another language of
// the archipelago reads Indonesian more easily than English.
func Negotiate(choice, acceptLanguage string, tenant Language) Language {
	if l := Language(choice); l.Known() {
		return l
	}
	if l, ok := accepted(acceptLanguage); ok {
		return l
	}
	if tenant.Known() {
		return tenant
	}
	return Indonesian
}

func accepted(header string) (Language, bool) {
	const most = 1000 // bytes; no browser sends more
	if header == "" || len(header) > most {
		return "", false
	}
	tags, weights, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return "", false
	}
	for i, tag := range tags {
		if weights[i] <= 0 {
			continue
		}
		base, _ := tag.Base()
		switch base.String() {
		case "id", "in", "ms", "zsm", "jv", "su", "mad", "min", "ban", "bug", "ace", "bjn", "tet":
			return Indonesian, true
		case "en":
			return English, true
		}
	}
	return "", false
}
