package catalog_test

import "testing"

// Who would rather choose than type finds every procedure.
func TestEveryProcedureHasATopic(t *testing.T) {
	t.Parallel()
	c := city(t)
	placed := map[string]bool{}
	for _, topic := range c.Topics() {
		for _, code := range topic.Procedures {
			placed[code] = true
		}
		if again, ok := c.Topic(topic.Key); !ok || again.Name != topic.Name {
			t.Errorf("the topic %s is not found by its key", topic.Key)
		}
	}
	for _, p := range c.Procedures() {
		if !placed[p.Code] {
			t.Errorf("%s %s stands in no topic", p.Code, p.Short.Vi)
		}
	}
	if _, ok := c.Topic("?"); ok {
		t.Error("a topic that is none is found")
	}
}
