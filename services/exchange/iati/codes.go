package iati

// The lists that the reading depends on. The standard closes them: another code is an
// error. Every other code is kept as written.
type (
	Status          string // activity-status
	DateType        string // activity-date/@type
	Role            string // participating-org/@role
	BudgetType      string // budget/@type, planned-disbursement/@type
	BudgetStatus    string // budget/@status
	TransactionType string // transaction-type
	ResultType      string // result/@type
	Measure         string // indicator/@measure
)

// The state of an activity.
const (
	Pipeline     Status = "1"
	Implementing Status = "2"
	Finalising   Status = "3"
	Closed       Status = "4"
	Cancelled    Status = "5"
	Suspended    Status = "6"
)

// Starts and ends.
const (
	PlannedStart DateType = "1"
	ActualStart  DateType = "2"
	PlannedEnd   DateType = "3"
	ActualEnd    DateType = "4"
)

// What an organisation does in an activity.
const (
	Funding     Role = "1"
	Accountable Role = "2"
	Extending   Role = "3"
	Implementer Role = "4"
)

// Kinds of budget, and how firm it is.
const (
	OriginalBudget BudgetType   = "1"
	RevisedBudget  BudgetType   = "2"
	Indicative     BudgetStatus = "1"
	Committed      BudgetStatus = "2"
)

// Kinds of transaction.
const (
	IncomingFunds      TransactionType = "1"
	OutgoingCommitment TransactionType = "2"
	Disbursement       TransactionType = "3"
	Expenditure        TransactionType = "4"
	InterestPayment    TransactionType = "5"
	LoanRepayment      TransactionType = "6"
	Reimbursement      TransactionType = "7"
	PurchaseOfEquity   TransactionType = "8"
	SaleOfEquity       TransactionType = "9"
	CreditGuarantee    TransactionType = "10"
	IncomingCommitment TransactionType = "11"
	OutgoingPledge     TransactionType = "12"
	IncomingPledge     TransactionType = "13"
)

// Levels of a result.
const (
	Output      ResultType = "1"
	Outcome     ResultType = "2"
	Impact      ResultType = "3"
	OtherResult ResultType = "9"
)

// How an indicator is measured.
const (
	Unit        Measure = "1"
	Percentage  Measure = "2"
	Nominal     Measure = "3"
	Ordinal     Measure = "4"
	Qualitative Measure = "5"
)

// Statuses is the list ActivityStatus.
func Statuses() []Status {
	return []Status{Pipeline, Implementing, Finalising, Closed, Cancelled, Suspended}
}

// DateTypes is the list ActivityDateType.
func DateTypes() []DateType { return []DateType{PlannedStart, ActualStart, PlannedEnd, ActualEnd} }

// Roles is the list OrganisationRole.
func Roles() []Role { return []Role{Funding, Accountable, Extending, Implementer} }

// BudgetTypes is the list BudgetType.
func BudgetTypes() []BudgetType { return []BudgetType{OriginalBudget, RevisedBudget} }

// BudgetStatuses is the list BudgetStatus.
func BudgetStatuses() []BudgetStatus { return []BudgetStatus{Indicative, Committed} }

// TransactionTypes is the list TransactionType.
func TransactionTypes() []TransactionType {
	return []TransactionType{
		IncomingFunds, OutgoingCommitment, Disbursement, Expenditure, InterestPayment, LoanRepayment, Reimbursement,
		PurchaseOfEquity, SaleOfEquity, CreditGuarantee, IncomingCommitment, OutgoingPledge, IncomingPledge,
	}
}

// ResultTypes is the list ResultType.
func ResultTypes() []ResultType { return []ResultType{Output, Outcome, Impact, OtherResult} }

// Measures is the list IndicatorMeasure.
func Measures() []Measure { return []Measure{Unit, Percentage, Nominal, Ordinal, Qualitative} }
