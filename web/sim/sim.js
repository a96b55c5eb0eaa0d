"use strict";
// The simulator's page. Everything that comes from the server or a person is put
// in with textContent, never as markup.
const $ = (s, root = document) => root.querySelector(s);
const person = () => $("#person").value;

function el(tag, props = {}, ...kids) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) {
    if (k === "on") for (const [ev, f] of Object.entries(v)) e.addEventListener(ev, f);
    else if (k in e) e[k] = v; else e.setAttribute(k, v);
  }
  e.append(...kids.filter((k) => k != null));
  return e;
}

async function post(path, body, headers = {}) {
  const r = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json", "Accept-Language": "vi", ...headers }, body: JSON.stringify(body) });
  const data = await r.json().catch(() => ({}));
  if (!r.ok) {
    const detail = (data.details || []).map((d) => d.debug && d.debug.message).find(Boolean);
    throw new Error(detail || data.message || data.error || `HTTP ${r.status}`);
  }
  return data;
}

// ---- chat and phone: through the fake vendors ----
function gsmSegments(t) {
  const gsm = /^[\x20-\x7e\n\r£¥èéùìòÇØøÅåÆæßÉÄÖÑÜ§äöñüà¿¡€]*$/.test(t);
  const n = t.length;
  return gsm ? (n <= 160 ? 1 : Math.ceil(n / 153)) : (n <= 70 ? 1 : Math.ceil(n / 67));
}

function messaging(root) {
  const channel = root.dataset.channel;
  const log = $(".log", root);
  let drawn = "";
  async function refresh() {
    const r = await fetch(`/sim/api/v1/outbox?channel=${channel}&person=${encodeURIComponent(person())}`);
    if (!r.ok) return;
    const { messages } = await r.json();
    const now = JSON.stringify(messages);
    if (now === drawn) return;
    drawn = now;
    log.replaceChildren(...messages.map((m) => {
      const li = el("li", { className: m.mine ? "mine" : "" }, m.text);
      if (channel === "sms") li.append(el("span", { className: "meta", textContent: `${m.text.length} ký tự · ${gsmSegments(m.text)} phần` }));
      if (m.buttons) {
        const box = el("div", { className: "buttons" });
        for (const row of m.buttons) for (const b of row) box.append(el("button", { type: "button", textContent: b, on: { click: () => act("tap", { choice: b }) } }));
        li.append(box);
      }
      return li;
    }));
    log.scrollTop = log.scrollHeight;
  }
  async function act(verb, body) {
    try { await post(`/sim/api/v1/${verb}`, { channel, person: person(), waitMs: 3000, ...body }); }
    catch (e) { log.append(el("li", { className: "error", textContent: e.message })); }
    await refresh();
  }
  $("form", root).addEventListener("submit", (e) => {
    e.preventDefault();
    const input = $("input", root);
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    act("say", { text });
  });
  root.addEventListener("click", (e) => {
    const d = e.target.dataset || {};
    const name = `giay-${Date.now() % 1000}`;
    if (d.photo) act("photo", { sample: name });
    if (d.album) act("photo", { album: Array.from({ length: +d.album }, (_, i) => `${name}-${i}`) });
    if (d.pdf) act("photo", { sample: name, pdf: +d.pdf });
    if ("contact" in d) act("tap", { choice: "contact" });
  });
  $("#person").addEventListener("change", () => { drawn = ""; refresh(); });
  setInterval(refresh, 1500);
  refresh();
}

// ---- app and kiosk: one flow over two services ----
function application(root, service) {
  const box = $(".flow", root);
  const show = (...kids) => box.replaceChildren(...kids);
  const fail = (e) => box.prepend(el("p", { className: "error", role: "alert", textContent: e.message }));
  const guard = (f) => (...a) => f(...a).catch(fail);
  let draft = "";

  async function home() {
    draft = "";
    const q = el("input", { placeholder: "Bạn cần làm gì?", ariaLabel: "Tìm thủ tục" });
    const hits = el("ul", { ariaLive: "polite" });
    const list = (procedures) => hits.replaceChildren(...procedures.map((p) =>
      el("li", {}, el("button", { type: "button", textContent: p.name, on: { click: guard(() => start(p.code)) } }), " ", p.summary || "")));
    const topics = async () => {
      const r = await service.topics();
      hits.replaceChildren(...(r.topics || []).map((t) =>
        el("li", {}, el("button", { type: "button", textContent: t.name, on: { click: () => { list(t.procedures || []); hits.querySelector("button")?.focus(); } } }))));
    };
    const code = el("input", { placeholder: "Mã hồ sơ hoặc mã chuyển", ariaLabel: "Mã hồ sơ hoặc mã chuyển" });
    const out = el("p", { role: "status" });
    show(
      el("form", { on: { submit: guard(async (e) => {
        e.preventDefault();
        if (!q.value.trim()) return topics();
        const r = await service.search(q.value);
        list(r.procedures || []);
        if (r.elsewhere) hits.append(el("li", {}, el("strong", { textContent: r.elsewhere.name }), " ", r.elsewhere.advice || ""));
        if (!hits.children.length) hits.append(el("li", { textContent: "Không tìm thấy thủ tục phù hợp." }));
      }) } }, q, el("button", { textContent: "Tìm" })),
      el("form", { on: { submit: guard(async (e) => {
        e.preventDefault();
        if (code.value.replace(/[- ]/g, "").length === 8) { const r = await service.redeem(code.value); draft = r.draftId; return step(r.step); }
        const { dossier: d, meaning: m } = await service.track(code.value);
        const due = d.dueAt ? "hẹn trả " + new Date(d.dueAt).toLocaleString("vi-VN") : "";
        out.textContent = [d.procedureName, (m && m.label) || d.state, due, m && m.next].filter(Boolean).join(" · ");
      }) } }, code, el("button", { textContent: "Mở" })),
      out, hits,
    );
    await topics();
  }
  async function start(procedureCode) {
    const r = await service.start(procedureCode);
    draft = r.draftId;
    step(r.step);
  }
  const bar = () => el("p", { className: "tools" },
    el("button", { type: "button", textContent: "Chuyển sang kênh khác", on: { click: guard(async () => { const r = await service.handOff(draft); box.prepend(el("p", { role: "status", textContent: `Mã chuyển: ${r.handOff.code}` })); }) } }),
    " ", el("button", { type: "button", textContent: "Trang đầu", on: { click: guard(async () => { await service.end(); await home(); }) } }));

  function step(s) {
    const q = s && s.question;
    if (!q) return review();
    const answer = guard(async (a) => { const r = await service.answer(draft, q.key, a); step(r.step); });
    const kids = [el("p", { textContent: `Câu ${(s.answered || 0) + 1}/${s.total || "?"}` }), el("h3", { textContent: q.label })];
    if (q.hint) kids.push(el("p", { textContent: q.hint }));
    if (q.kind === "paper") {
      const file = el("input", { type: "file", accept: "image/jpeg,image/png,application/pdf", ariaLabel: q.label });
      const got = el("p", { role: "status" });
      file.addEventListener("change", guard(async () => {
        for (const f of file.files) {
          const b = new Uint8Array(await f.arrayBuffer());
          let s = ""; for (let i = 0; i < b.length; i += 32768) s += String.fromCharCode(...b.subarray(i, i + 32768));
          await service.upload(draft, q.requirement, f.name, btoa(s));
          got.textContent += ` Đã nhận ${f.name}.`;
        }
      }));
      kids.push(file, got,
        el("button", { type: "button", className: "main", textContent: "Xong giấy này", on: { click: guard(async () => step((await service.attach(draft, q.requirement, false)).step)) } }),
        " ", el("button", { type: "button", textContent: "Chưa có giấy này", on: { click: guard(async () => step((await service.attach(draft, q.requirement, true)).step)) } }));
    } else if ((q.choices || []).length && q.choices.length <= 12) {
      kids.push(el("div", { className: "buttons" }, ...q.choices.map((c) => el("button", { type: "button", textContent: c.label, on: { click: () => answer({ choices: [c.id] }) } }))));
    } else {
      const input = el("input", { placeholder: q.example || "", ariaLabel: q.label, value: q.answer || "" });
      kids.push(el("form", { on: { submit: (e) => { e.preventDefault(); answer({ text: input.value }); } } }, input, el("button", { textContent: "Tiếp" })));
    }
    if (!q.required && q.kind !== "paper") kids.push(el("button", { type: "button", textContent: "Bỏ qua", on: { click: () => answer({ skip: true }) } }));
    show(...kids, bar());
    const first = box.querySelector("input,button");
    if (first) first.focus();
  }
  const review = guard(async () => {
    const r = await service.review(draft);
    show(el("h3", { textContent: "Xem lại trước khi nộp" }),
      el("ol", {}, ...(r.lines || []).map((l) => el("li", { textContent: `${l.label}: ${l.value || ""}` }))),
      el("p", { textContent: r.declaration || "" }),
      el("button", { type: "button", className: "main", textContent: "Đồng ý và nộp", on: { click: guard(async () => {
        const s = await service.submit(draft);
        show(el("h3", { textContent: "Đã nhận hồ sơ" }), el("p", { className: "state", textContent: s.dossier.code }),
          el("p", { textContent: s.dossier.dueAt ? "Dự kiến trả: " + new Date(s.dossier.dueAt).toLocaleString("vi-VN") : "" }), bar());
      }) } }), bar());
  });
  guard(home)();
}

function mobile() {
  let token = null;
  const call = async (svc, m, body) => {
    if (!token) { const r = await post("/motcua.mobile.v1.SessionService/StartAnonymous", {}); token = r.tokens.accessToken; }
    return post(`/motcua.mobile.v1.${svc}/${m}`, body, { Authorization: `Bearer ${token}` });
  };
  return {
    search: (query) => call("CatalogService", "SearchProcedures", { query, limit: 5 }),
    topics: () => call("CatalogService", "ListTopics", {}),
    track: (code) => call("DossierService", "TrackDossier", { code }),
    start: (procedureCode) => call("DossierService", "StartDossier", { procedureCode }),
    answer: (draftId, key, answer) => call("DossierService", "AnswerQuestion", { draftId, key, answer }),
    upload: (draftId, requirement, name, content) => call("VaultService", "UploadPage", { draftId, requirement, name, content }),
    attach: (draftId, requirement, skip) => call("DossierService", "AttachPaper", { draftId, requirement, skip }),
    review: (draftId) => call("DossierService", "ReviewDossier", { draftId }),
    submit: (draftId) => call("DossierService", "SubmitDossier", { draftId, declared: true }),
    handOff: (draftId) => call("SessionService", "CreateHandOff", { draftId }),
    redeem: (code) => call("SessionService", "RedeemHandOff", { code }),
    end: async () => {},
  };
}

function terminal() {
  let session = null;
  const call = async (svc, m, body) => {
    const cfg = await post("/sim/tokens", {});
    const headers = { Authorization: `Bearer ${cfg.kiosk}` };
    if (!session && svc === "ApplicationService") {
      session = (await post("/motcua.kiosk.v1.TerminalService/StartSession", {}, headers)).sessionId;
    }
    if (session) headers["Motcua-Session"] = session;
    return post(`/motcua.kiosk.v1.${svc}/${m}`, body, headers);
  };
  return {
    search: (query) => call("LookUpService", "SearchProcedures", { query, limit: 5 }),
    topics: () => call("LookUpService", "ListTopics", {}),
    track: (code) => call("LookUpService", "TrackDossier", { code }),
    start: (procedureCode) => call("ApplicationService", "StartDossier", { procedureCode }),
    answer: (draftId, key, answer) => call("ApplicationService", "AnswerQuestion", { draftId, key, answer }),
    upload: (draftId, requirement, name, content) => call("ApplicationService", "ScanPage", { draftId, requirement, name, content }),
    attach: (draftId, requirement, skip) => call("ApplicationService", "AttachPaper", { draftId, requirement, skip }),
    review: (draftId) => call("ApplicationService", "ReviewDossier", { draftId }),
    submit: (draftId) => call("ApplicationService", "SubmitDossier", { draftId, declared: true }),
    handOff: (draftId) => call("ApplicationService", "CreateHandOff", { draftId }),
    redeem: (code) => call("ApplicationService", "RedeemHandOff", { code }),
    end: async () => { if (session) { await call("TerminalService", "EndSession", {}); session = null; } },
  };
}

// ---- the officer's desk ----
function desk(root) {
  const box = $(".flow", root);
  const call = async (m, body) => post(`/motcua.agency.v1.DossierService/${m}`, body, { Authorization: `Bearer ${(await post("/sim/tokens", {})).officer}` });
  const fail = (e) => box.prepend(el("p", { className: "error", role: "alert", textContent: e.message }));
  async function inbox() {
    const r = await call("Inbox", { limit: 20 });
    const list = el("ul");
    const agreed = { pending: " · chờ người khác đồng ý", declined: " · người cần đồng ý đã từ chối" };
    for (const l of r.lines || []) {
      const code = l.dossier.code;
      list.append(el("li", {}, el("button", { type: "button", textContent: `${code} · ${l.dossier.procedureName || l.procedureCode} · ${l.dossier.state}${agreed[l.cosign] || ""}`, on: { click: () => open(code).catch(fail) } })));
    }
    box.replaceChildren(list.children.length ? list : el("p", { textContent: "Hộp hồ sơ trống." }));
  }
  async function open(code) {
    const r = await call("GetDossier", { code, purpose: "xử lý hồ sơ" });
    const papers = (r.detail && r.detail.papers) || [];
    const act = (m, more = {}) => el("button", { type: "button", textContent: m.label, on: { click: () => call(m.rpc, { code, ...more }).then(() => open(code)).catch(fail) } });
    const reqs = [...new Set(papers.map((p) => p.requirement).filter((q) => q !== "result"))];
    box.replaceChildren(
      el("h3", { textContent: code }), el("p", { className: "state", textContent: r.dossier.state }),
      el("ul", {}, ...(r.answers || []).map((a) => el("li", { textContent: `${a.label}: ${a.value}` }))),
      el("ul", {}, ...(r.cosigners || []).map((c) => el("li", { textContent: `${c.name}: ${{ pending: "chưa trả lời", confirmed: "đã đồng ý", declined: "đã từ chối" }[c.state]}` }))),
      el("ul", {}, ...papers.map((p) => el("li", { textContent: `${p.requirement}: ${(p.pages || []).filter((x) => x.state === "ready").length} tệp` }))),
      el("p", { className: "buttons" },
        act({ label: "Tiếp nhận", rpc: "Accept" }, { identityChecked: true }),
        act({ label: "Yêu cầu bổ sung", rpc: "RequestSupplement" }, { items: (reqs.length ? reqs.slice(0, 1) : ["identity"]).map((requirement) => ({ requirement, reason: "missing", page: 2, note: "Thiếu trang có dấu" })) }),
        act({ label: "Từ chối", rpc: "Refuse" }, { reason: "wrong_office", advice: "Nộp tại nơi có thẩm quyền." }),
        act({ label: "Xin lỗi, hẹn lại", rpc: "Extend" }, { reason: "verification", dueAt: new Date(new Date(r.dossier.dueAt || Date.now()).getTime() + 3 * 864e5).toISOString() }),
        act({ label: "Yêu cầu nộp phí", rpc: "PauseForFee" }, { amount: 8000, advice: "Nộp tại quầy." }),
        act({ label: "Đã thu phí", rpc: "Resume" }, { receipt: "BL-0001" }),
        act({ label: "Dừng xử lý", rpc: "Stop" }, { reason: "not_eligible", advice: "Chuẩn bị đủ điều kiện rồi nộp hồ sơ mới." }),
        ...(r.cosigners || []).filter((c) => c.state !== "confirmed").map((c) => act({ label: `${c.name} đồng ý tại quầy`, rpc: "AnswerCosign" }, { number: c.number, agreed: true })),
        el("button", { type: "button", textContent: "Gửi bản nháp (PDF mẫu)", on: { click: () => fetch("/sim/sample.pdf").then((x) => x.arrayBuffer()).then((b) => call("SendDraft", { code, name: "ban-nhap.pdf", content: btoa(String.fromCharCode(...new Uint8Array(b))) })).then(() => open(code)).catch(fail) } }),
        el("button", { type: "button", textContent: "Trả kết quả (PDF mẫu)", on: { click: () => fetch("/sim/sample.pdf").then((x) => x.arrayBuffer()).then((b) => call("Complete", { code, name: "ket-qua.pdf", content: btoa(String.fromCharCode(...new Uint8Array(b))) })).then(() => call("Return", { code })).then(() => open(code)).catch(fail) } }),
        el("button", { type: "button", textContent: "Hộp hồ sơ", on: { click: () => inbox().catch(fail) } })));
  }
  $("#desk-refresh").addEventListener("click", () => inbox().catch(fail));
  inbox().catch(fail);
}

async function clock(advance) {
  const r = advance ? await post("/sim/api/v1/clock", { advance }) : await fetch("/sim/api/v1/clock").then((x) => x.json());
  $("#now").textContent = new Date(r.now).toLocaleString("vi-VN", { timeZone: "Asia/Ho_Chi_Minh" });
}

messaging($("#chat"));
messaging($("#sms"));
application($("#app"), mobile());
application($("#kiosk"), terminal());
desk($("#desk"));
document.addEventListener("click", (e) => { if (e.target.dataset && e.target.dataset.advance) clock(e.target.dataset.advance); });
clock();
setInterval(() => clock(), 5000);
