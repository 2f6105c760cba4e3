package people

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// common says that a password is among the first that anybody would try: a listed word
// with or without digits around it, a short row of digits, a run or a repetition.
func common(password string) bool {
	folded := strings.ToLower(password)
	word := strings.TrimFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })
	if word == "" {
		return utf8.RuneCountInString(folded) < longNumber || monotone([]rune(folded))
	}
	return listed(folded) || listed(word) || monotone([]rune(folded))
}

func listed(word string) bool { return strings.Contains(worst, "\n"+word+"\n") }

// longNumber is how long a password of digits must be not to be somebody's birthday or
// telephone number.
const longNumber = 16

// worst are words that lists of leaked Indonesian and English passwords begin with, as
// they are or with digits around them.
const worst = `
password
passw0rd
p@ssw0rd
p@ssword
katasandi
kata sandi
rahasia
sandi
admin
administrator
qwerty
qwertyuiop
asdfghjkl
zxcvbnm
1q2w3e4r5t
1q2w3e4r5t6y
q1w2e3r4t5
1qaz2wsx3edc
qazwsxedc
indonesia
indonesiaku
merdeka
pancasila
garuda
jakarta
bandung
surabaya
bismillah
alhamdulillah
sayang
sayangku
cintaku
iloveyou
i love you
doraemon
letmein
welcome
selamat
selamat datang
mitra
mitramitra
superman
football
monkey
dragon
sunshine
princess
changeme
abcdefghij
`

// monotone says that there are at most two different signs, or that each follows from
// the one before it: the next or the one before.
func monotone(signs []rune) bool {
	if len(slices.Compact(slices.Sorted(slices.Values(signs)))) <= 2 {
		return true
	}
	step := signs[1] - signs[0]
	for i := 1; i < len(signs); i++ {
		next := signs[i] - signs[i-1]
		wraps := step == 1 && signs[i-1] == '9' && signs[i] == '0' // 1234567890
		if next != step && !wraps {
			return false
		}
	}
	return step == 1 || step == -1
}
