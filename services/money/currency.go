package money

import (
	"sort"

	"github.com/mitra-platform/mitra/services/fault"
)

// Currency is an ISO 4217 code. The set is closed: the codes in use today, and the
// withdrawn ones that old aid data still carries.
type Currency string

// IDR is the rupiah. It has two places: Rp 1,250,000 is 125000000 minor units.
const IDR Currency = "IDR"

// table holds code and minor-unit places, sorted, four bytes each. ISO 4217 gives
// the special drawing right (XDR) no minor unit; donors write it in hundredths.
const table = "" +
	"AED2AFN2ALL2AMD2ANG2AOA2ARS2AUD2AWG2AZN2BAM2BBD2BDT2BGN2BHD3BIF0BMD2BND2BOB2BOV2BRL2BSD2BTN2BWP2BYN2BYR0BZD2" +
	"CAD2CDF2CHE2CHF2CHW2CLF4CLP0CNY2COP2COU2CRC2CUC2CUP2CVE2CZK2DJF0DKK2DOP2DZD2EEK2EGP2ERN2ETB2EUR2FJD2FKP2" +
	"GBP2GEL2GHS2GIP2GMD2GNF0GTQ2GYD2HKD2HNL2HRK2HTG2HUF2IDR2ILS2INR2IQD3IRR2ISK0JMD2JOD3JPY0KES2KGS2KHR2KMF0" +
	"KPW2KRW0KWD3KYD2KZT2LAK2LBP2LKR2LRD2LSL2LTL2LVL2LYD3MAD2MDL2MGA2MKD2MMK2MNT2MOP2MRO2MRU2MUR2MVR2MWK2MXN2" +
	"MXV2MYR2MZN2NAD2NGN2NIO2NOK2NPR2NZD2OMR3PAB2PEN2PGK2PHP2PKR2PLN2PYG0QAR2RON2RSD2RUB2RWF0SAR2SBD2SCR2SDG2" +
	"SEK2SGD2SHP2SLE2SLL2SOS2SRD2SSP2STD2STN2SVC2SYP2SZL2THB2TJS2TMT2TND3TOP2TRY2TTD2TWD2TZS2UAH2UGX0USD2USN2" +
	"USS2UYI0UYU2UYW4UZS2VED2VEF2VES2VND0VUV0WST2XAF0XCD2XCG2XDR2XOF0XPF0YER2ZAR2ZMK2ZMW2ZWG2ZWL2"

const width = 4

// ParseCurrency takes a code exactly as ISO 4217 spells it. Its refusal has the code
// currency_unknown.
func ParseCurrency(code string) (Currency, error) {
	if _, known := Currency(code).places(); !known {
		return "", fault.New(fault.Unprocessable, "currency_unknown", "value", brief(code))
	}
	return Currency(code), nil
}

// Currencies lists every code, in alphabetical order.
func Currencies() []Currency {
	all := make([]Currency, 0, len(table)/width)
	for at := 0; at < len(table); at += width {
		all = append(all, Currency(table[at:at+width-1]))
	}
	return all
}

// Places is the number of decimal places the currency has; 0 for one that is not in the set.
func (c Currency) Places() int {
	places, _ := c.places()
	return places
}

// Known says that the code is in the set.
func (c Currency) Known() bool {
	_, known := c.places()
	return known
}

// UnmarshalText reads a code from outside and refuses what ParseCurrency refuses.
func (c *Currency) UnmarshalText(text []byte) error {
	parsed, err := ParseCurrency(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

func (c Currency) places() (int, bool) {
	rows := len(table) / width
	row := func(i int) string { return table[i*width : i*width+width-1] }
	i := sort.Search(rows, func(i int) bool { return row(i) >= string(c) })
	if i == rows || row(i) != string(c) {
		return 0, false
	}
	return int(table[i*width+width-1] - '0'), true
}

// brief keeps a refused value short enough to show.
func brief(text string) string {
	const most = 40
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}
