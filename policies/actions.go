package policies

// Action is one kind of act on one kind of thing. Only this package makes one, so a
// permission cannot be misspelt.
type Action struct{ object, act string }

// String is "object.act", as journals, refusals and policy.csv name it.
func (a Action) String() string { return a.object + "." + a.act }

// IsZero says that no action was named.
func (a Action) IsZero() bool { return a == Action{} }

// What seats may do, by area. Who may is policy.csv's to say.
var (
	ReadTenant         = Action{"tenant", "read"}
	EditTenantSettings = Action{"tenant", "edit_settings"}
	CreateTenant       = Action{"tenant", "create"}
	SuspendTenant      = Action{"tenant", "suspend"}
	MoveDemoClock      = Action{"tenant", "move_demo_clock"}
	ReadJournal        = Action{"journal", "read"}
	ReadHeads          = Action{"journal", "read_heads"}

	ManageOwnAccount = Action{"account", "manage"}
	ManageTokens     = Action{"token", "manage"}
	ListPeople       = Action{"person", "list"}
	ReadPerson       = Action{"person", "read"}
	ResetPassword    = Action{"person", "reset_password"}
	InvitePerson     = Action{"invitation", "create"}
	EndSeat          = Action{"seat", "end"}
	ChangeSeatRoles  = Action{"seat", "change_roles"}

	ListOrganisations   = Action{"organisation", "list"}
	ReadOrganisation    = Action{"organisation", "read"}
	InviteOrganisation  = Action{"organisation", "invite"}
	JoinTenant          = Action{"organisation", "join"}
	ReadPassport        = Action{"passport", "read"}
	EditPassport        = Action{"passport", "edit"}
	AttestPassport      = Action{"passport", "attest"}
	SubmitVerification  = Action{"verification", "submit"}
	CheckVerification   = Action{"verification", "check"}
	ReturnVerification  = Action{"verification", "return"}
	ConfirmVerification = Action{"verification", "confirm"}
	SuspendVerification = Action{"verification", "suspend"}
	LiftVerification    = Action{"verification", "lift"}
	ExportOwnData       = Action{"organisation", "export_own_data"}

	ListPrograms       = Action{"program", "list"}
	ReadProgram        = Action{"program", "read"}
	StartProgram       = Action{"program", "start"}
	TakeLead           = Action{"program", "take_lead"}
	EditPlan           = Action{"program", "edit_plan"}
	HandOverTurn       = Action{"program", "hand_over_turn"}
	AcceptPlanAsAgency = Action{"program", "accept_plan_as_agency"}
	AcceptPlanAsCSO    = Action{"program", "accept_plan_as_cso"}
	AbandonProgram     = Action{"program", "abandon"}
	SuspendProgram     = Action{"program", "suspend"}
	ResumeProgram      = Action{"program", "resume"}
	EndProgramEarly    = Action{"program", "end_early"}
	CloseProgram       = Action{"program", "close"}
	ConfirmClosing     = Action{"program", "confirm_closing"}
	OpenReporting      = Action{"program", "open_reporting"}
	LockReporting      = Action{"program", "lock_reporting"}
	ProposeAmendment   = Action{"program", "propose_amendment"}
	TakeUpAmendment    = Action{"program", "take_up_amendment"}
	RejectAmendment    = Action{"program", "reject_amendment"}
	ReportActual       = Action{"actual", "report"}
	SubmitActual       = Action{"actual", "submit"}
	AcceptActual       = Action{"actual", "accept"}
	ReturnActual       = Action{"actual", "return"}

	ImportIATI = Action{"import", "iati"}
	ExportIATI = Action{"export", "iati"}
	ReadImport = Action{"import", "read"}

	ReadForm    = Action{"form", "read"}
	EditForm    = Action{"form", "edit"}
	PublishForm = Action{"form", "publish"}

	ReadDueDiligence     = Action{"due_diligence", "read"}
	DraftDueDiligence    = Action{"due_diligence", "draft"}
	SendDueDiligence     = Action{"due_diligence", "send"}
	ReplyDueDiligence    = Action{"due_diligence", "reply"}
	FinaliseDueDiligence = Action{"due_diligence", "finalise"}

	ReadFlag     = Action{"flag", "read"}
	ProposeFlag  = Action{"flag", "propose"}
	HoldFlag     = Action{"flag", "hold"}
	ReplyFlag    = Action{"flag", "reply"}
	UpholdFlag   = Action{"flag", "uphold"}
	WithdrawFlag = Action{"flag", "withdraw"}
	// UpholdExclusion is for a flag that keeps an organisation from being chosen.
	UpholdExclusion = Action{"flag", "uphold_exclusion"}

	ProposeSettings  = Action{"settings", "propose"}
	AcceptSettings   = Action{"settings", "accept"}
	RefuseSettings   = Action{"settings", "refuse"}
	WithdrawSettings = Action{"settings", "withdraw"}

	// ReadNotices is reading what waits for oneself and what one was told.
	ReadNotices = Action{"notice", "read"}
)

// What no role may do: the acts of timers, of the command line, and of a person whose
// right is a secret they hold (a set-up link, an invitation). Gate.System names them.
var (
	SetUp              = Action{"system", "set_up"}
	AcceptInvitation   = Action{"system", "accept_invitation"}
	ReadSeat           = Action{"system", "read_seat"}
	RunCommand         = Action{"system", "run_command"}
	AmendPlan          = Action{"system", "amend_plan"}
	WakeRecord         = Action{"system", "wake_record"}
	SweepJournal       = Action{"system", "sweep_journal"}
	FollowJournal      = Action{"system", "follow_journal"}
	PublishHeads       = Action{"system", "publish_heads"}
	SeedDemo           = Action{"system", "seed_demo"}
	DiscloseFlag       = Action{"system", "disclose_flag"}
	LapseFlag          = Action{"system", "lapse_flag"}
	ExpireDueDiligence = Action{"system", "expire_due_diligence"}
	SettleTerms        = Action{"system", "settle_terms"}
)

// Actions lists every action that a role may be given, in the order of the golden matrix.
func Actions() []Action {
	return []Action{
		ReadTenant, EditTenantSettings, CreateTenant, SuspendTenant, MoveDemoClock, ReadJournal, ReadHeads,
		ManageOwnAccount, ManageTokens, ListPeople, ReadPerson, ResetPassword, InvitePerson, EndSeat, ChangeSeatRoles,
		ListOrganisations, ReadOrganisation, InviteOrganisation, JoinTenant, ReadPassport, EditPassport, AttestPassport,
		SubmitVerification, CheckVerification, ReturnVerification, ConfirmVerification, SuspendVerification, LiftVerification, ExportOwnData,
		ListPrograms, ReadProgram, StartProgram, TakeLead, EditPlan, HandOverTurn, AcceptPlanAsAgency, AcceptPlanAsCSO,
		AbandonProgram, SuspendProgram, ResumeProgram, EndProgramEarly, CloseProgram, ConfirmClosing,
		OpenReporting, LockReporting,
		ProposeAmendment, TakeUpAmendment, RejectAmendment,
		ReportActual, SubmitActual, AcceptActual, ReturnActual, ImportIATI, ReadImport, ExportIATI,
		ReadForm, EditForm, PublishForm, ReadDueDiligence, DraftDueDiligence, SendDueDiligence, ReplyDueDiligence, FinaliseDueDiligence,
		ReadFlag, ProposeFlag, HoldFlag, ReplyFlag, UpholdFlag, UpholdExclusion, WithdrawFlag,
		ProposeSettings, AcceptSettings, RefuseSettings, WithdrawSettings,
		ReadNotices,
	}
}

// SystemActions lists the actions of Gate.System; no policy line names one.
func SystemActions() []Action {
	return []Action{SetUp, AcceptInvitation, ReadSeat, RunCommand, AmendPlan, WakeRecord, SweepJournal, FollowJournal, PublishHeads, SeedDemo, DiscloseFlag, LapseFlag, ExpireDueDiligence, SettleTerms}
}
