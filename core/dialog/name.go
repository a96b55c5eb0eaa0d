package dialog

import (
	"strings"

	"github.com/motcua/motcua/core/text"
)

// familyNames are the family names of nearly everybody in the country, the many of
// the Kinh and the commoner ones of other peoples, lower case with their accents.
const familyNames = " nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đào đoàn vương trịnh trương lâm đinh mai tô tạ tăng thái châu" +
	" quách la lương lưu cao hà hứa kiều khuất kim lã lại lữ lộc mạc mã nghiêm nông ông phùng phó quản quang tống tôn từ triệu thạch thân thiều tiêu trà" +
	" tào văn viên vi yên âu bạch bành bế chu chử chung cù cung cam cấn chế danh diệp doãn đàm đan đậu đồng điền đới đái giang giáp hàn hạ hình hoa hồng" +
	" hầu kha khổng khương lò lục lô ma mạnh ngụy ninh nhan nhâm phí sầm sơn sử thi thẩm thời trác trầm trình trưng ung uông ứng vòng quàng cầm lường đổng" +
	" dư du đường bá biện bồ cái ngân nhữ niê ksor siu rơ kpă mông mùa sùng giàng vàng thào vừ cháng lầu và phù tất tiền tưởng ưng uất xa lưỡng "

// familyName reports whether a text begins as a Vietnamese name does. With accents
// they decide: "Đăng ký" is no "Đặng".
func familyName(raw string) bool {
	words := strings.Fields(text.FoldExact(raw))
	if len(words) < 2 {
		return false
	}
	if text.Accented(raw) {
		for _, n := range strings.Fields(familyNames) {
			if text.FoldExact(n) == words[0] {
				return true
			}
		}
		return false
	}
	for _, n := range strings.Fields(familyNames) {
		if text.Fold(n) == words[0] {
			return true
		}
	}
	return false
}
