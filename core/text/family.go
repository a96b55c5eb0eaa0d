package text

import "strings"

// familyNames are the family names of nearly everybody in the country, the many of
// the Kinh and the commoner ones of other peoples, as FoldExact gives them.
const familyNames = " nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đoàn vương trịnh trương lâm đinh mai tô tạ tăng thái châu" +
	" quách la lương lưu cao hà hứa kiều khuất kim lã lại lữ lộc mạc mã nghiêm nông ông phùng phó quản quang tống tôn từ triệu thạch thân thiều tiêu trà" +
	" tào văn viên vi yên âu bạch bành bế chu chử chung cù cung cam cấn chế danh diệp doãn đàm đan đậu đồng điền đới đái giang giáp hàn hạ hình hoa hồng" +
	" hầu kha khổng khương lò lục lô ma mạnh ngụy ninh nhan nhâm phí sầm sơn sử thi thẩm thời trác trầm trình trưng ung uông ứng vòng quàng cầm lường đổng" +
	" dư du đường bá biện bồ cái ngân nhữ niê ksor siu rơ kpă mông mùa sùng giàng vàng thào vừ cháng lầu và phù tất tiền tưởng ưng uất xa lưỡng "

// FamilyName reports whether a word is a family name. Where its writer uses accents
// they decide: "Đăng" is no "Đặng". Else "dang" may be one.
func FamilyName(word string, accented bool) bool { return listed(familyNames, word, accented) }

// listed reports whether a word is in a list of words with a space around each, as
// FoldExact gives them.
func listed(list, word string, accented bool) bool {
	fold := FoldExact
	if !accented {
		fold, list = Fold, " "+Fold(list)+" "
	}
	w := fold(word)
	return w != "" && strings.Contains(list, " "+w+" ")
}
