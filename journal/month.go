package journal

// monthAmbiguous is a month name that two languages give to different months.
const monthAmbiguous = 13

// englishMonth returns the month of a three-letter English name, 0 for none.
func englishMonth(a, b, c byte) int {
	switch uint32(a|0x20)<<16 | uint32(b|0x20)<<8 | uint32(c|0x20) {
	case 'j'<<16 | 'a'<<8 | 'n':
		return 1
	case 'f'<<16 | 'e'<<8 | 'b':
		return 2
	case 'm'<<16 | 'a'<<8 | 'r':
		return 3
	case 'a'<<16 | 'p'<<8 | 'r':
		return 4
	case 'm'<<16 | 'a'<<8 | 'y':
		return 5
	case 'j'<<16 | 'u'<<8 | 'n':
		return 6
	case 'j'<<16 | 'u'<<8 | 'l':
		return 7
	case 'a'<<16 | 'u'<<8 | 'g':
		return 8
	case 's'<<16 | 'e'<<8 | 'p':
		return 9
	case 'o'<<16 | 'c'<<8 | 't':
		return 10
	case 'n'<<16 | 'o'<<8 | 'v':
		return 11
	case 'd'<<16 | 'e'<<8 | 'c':
		return 12
	}
	return 0
}

// monthName returns the month of an abbreviated name as strftime's %b writes
// it in the locales of glibc and the CLDR, without its full stop: 1..12,
// monthAmbiguous, or 0 for a word that names no month.
func monthName(w []byte) int {
	if len(w) == 3 {
		if m := englishMonth(w[0], w[1], w[2]); m != 0 {
			return m
		}
	}
	switch string(w) {
	case "janv", "Jän", "jän", "ene", "Ene", "gen", "Gen", "sty", "led", "oca", "Oca", "янв", "Янв", "січ",
		"tammi", "sij", "Ιαν", "jaan", "января":
		return 1
	case "févr", "fév", "fev", "Fev", "lut", "únor", "úno", "şub", "Şub", "фев", "Фев", "лют",
		"helmi", "vel", "Φεβ", "veebr", "февраля", "febr":
		return 2
	case "mars", "mär", "Mär", "Mrz", "mrz", "mrt", "már", "márc", "bře", "мар", "Мар", "бер",
		"maalis", "ožu", "Μαρ", "Μάρ", "märts", "марта":
		return 3
	case "avr", "abr", "Abr", "kwi", "dub", "nis", "Nis", "апр", "Апр", "кві",
		"huhti", "Απρ", "ápr", "апреля":
		return 4
	case "mai", "Mai", "mei", "maj", "may", "Mag", "mag", "máj", "maja", "kvě", "май", "Май", "мая", "тра",
		"touko", "svi", "Μαΐ", "Μάι", "mayıs":
		return 5
	case "juin", "juni", "giu", "Giu", "cze", "čen", "čvn", "haz", "Haz", "июн", "Июн", "чер",
		"kesä", "Ιουν", "jún", "июня", "Ιούν":
		return 6
	case "juil", "juli", "lug", "Lug", "čec", "čvc", "tem", "Tem", "июл", "Июл",
		"heinä", "Ιουλ", "júl", "июля", "Ιούλ":
		return 7
	case "août", "aoû", "ago", "Ago", "sie", "ağu", "Ağu", "авг", "Авг", "сер",
		"elo", "kol", "Αυγ", "Αύγ", "августа":
		return 8
	case "sept", "set", "Set", "wrz", "zář", "eyl", "Eyl", "сен", "Сен", "вер",
		"syys", "Σεπ", "szept", "сентября":
		return 9
	case "okt", "Okt", "out", "Out", "ott", "Ott", "paź", "říj", "eki", "Eki", "окт", "Окт", "жов",
		"loka", "Οκτ", "октября":
		return 10
	case "нояб", "ноя", "Ноя", "kas", "Kas", "marras", "stu", "Νοε", "Νοέ", "ноября":
		return 11
	case "déc", "dez", "Dez", "dic", "Dic", "des", "gru", "pro", "ara", "Ara", "дек", "Дек", "гру",
		"joulu", "Δεκ", "dets", "декабря":
		return 12
	case "lis", "lip", "srp", "лис", "лип":
		// Polish, Czech, Croatian and Ukrainian name different months so.
		return monthAmbiguous
	}
	return 0
}

// scanMonth reads a month at i: an abbreviated name with an optional full
// stop, or a number before the sign for month that Chinese and Japanese (月)
// and Korean (월) have.
func scanMonth(s []byte, i int) (month, next int, ok bool) {
	c := at(s, i)
	if isDigit(c) {
		m, j, ok := scanInt(s, i, 2)
		if !ok || m < 1 || m > 12 || j+3 > len(s) {
			return 0, i, false
		}
		switch string(s[j : j+3]) {
		case "月", "월":
			return int(m), j + 3, true
		}
		return 0, i, false
	}
	if i+3 < len(s) && s[i+3] == ' ' {
		if m := englishMonth(c, s[i+1], s[i+2]); m != 0 && isLetter(c) {
			return m, i + 3, true
		}
	}
	if !isLetter(c) && c < 0x80 {
		return 0, i, false
	}
	j := i
	for j < len(s) && j-i <= 16 && (isLetter(s[j]) || s[j] >= 0x80) {
		j++
	}
	if m := monthName(s[i:j]); m != 0 {
		if at(s, j) == '.' {
			j++
		}
		return m, j, true
	}
	return 0, i, false
}
