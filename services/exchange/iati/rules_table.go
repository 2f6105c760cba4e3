package iati

// rules are those of the standard's rule set of version 2.03 that speak of activities
// (IATI/IATI-Rulesets, standard.json); a test holds them to that file.
var rules = []rule{
	{context: "/iati-activities/iati-activity", kind: "unique", id: "1.1.3", grave: true, paths: []string{"reporting-org/@ref", "iati-identifier"}},
	{context: "/iati-activities/iati-activity", kind: "startswith", id: "1.1.21", prefix: []string{"reporting-org/@ref", "other-identifier[@type='B1']/@ref"}, separator: "-", paths: []string{"iati-identifier"}},
	{context: "/iati-activities/iati-activity", kind: "startswith", id: "1.14.8", prefix: []string{"ORG-ID-PREFIX"}, paths: []string{"reporting-org/@ref"}},
	{context: "/iati-activities/iati-activity", kind: "atleast_one", id: "6.11.1", grave: true, paths: []string{"activity-date[@type='1' or @type='2']"}},
	{context: "/iati-activities/iati-activity", kind: "atleast_one", id: "6.2.2", grave: true, paths: []string{"sector", "transaction/sector"}},
	{context: "/iati-activities/iati-activity", kind: "one_or_all", id: "4.1.1", grave: true, one: "@xml:lang", all: "lang"},
	{context: "/iati-activities/iati-activity", kind: "one_or_all", id: "6.7.2", grave: true, one: "sector", all: "sector"},
	{context: "/iati-activities/iati-activity", kind: "one_or_all", id: "7.8.1", grave: true, one: "@default-currency", all: "currency"},
	{context: "/iati-activities/iati-activity", kind: "date_now", id: "11.1.1", grave: true, date: "@last-updated-datetime"},
	{context: "/iati-activities/iati-activity", kind: "date_order", id: "11.1.2", grave: true, less: "activity-date[@type='1']/@iso-date", more: "activity-date[@type='3']/@iso-date"},
	{context: "/iati-activities/iati-activity", kind: "date_order", id: "11.1.3", grave: true, less: "activity-date[@type='2']/@iso-date", more: "activity-date[@type='4']/@iso-date"},
	{context: "/iati-activities/iati-activity", kind: "date_order", id: "11.1.4", grave: true, less: "activity-date[@type='2']/@iso-date", more: "NOW"},
	{context: "/iati-activities/iati-activity", kind: "date_order", id: "11.1.5", grave: true, less: "activity-date[@type='4']/@iso-date", more: "NOW"},
	{context: "/iati-activities/iati-activity", kind: "date_order", id: "11.2.1", grave: true, less: "transaction/transaction-date/@iso-date", more: "NOW"},
	{context: "/iati-activities/iati-activity", kind: "date_order", id: "11.2.2", grave: true, less: "transaction/value/@value-date", more: "NOW"},
	{context: "/iati-activities/iati-activity", kind: "regex_matches", id: "1.3.13", regex: `^[^\/\&\|\?]+$`, paths: []string{"iati-identifier"}},
	{context: "/iati-activities/iati-activity", kind: "regex_matches", id: "1.14.13", regex: `^[^\/\&\|\?]+$`, paths: []string{"reporting-org/@ref"}},
	{context: "/iati-activities/iati-activity", kind: "no_spaces", id: "1.3.1", paths: []string{"iati-identifier"}},
	{context: "/iati-activities/iati-activity", kind: "no_spaces", id: "1.14.1", paths: []string{"reporting-org/@ref"}},
	{context: "/iati-activities/iati-activity", kind: "no_spaces", id: "1.16.1", paths: []string{"other-identifier[@type='B1']/@ref"}},
	{context: "/iati-activities/iati-activity", kind: "no_spaces", id: "1.6.1", paths: []string{"other-identifier[@type='A3']/@ref"}},
	{context: "/iati-activities/iati-activity", kind: "no_spaces", id: "1.7.1", paths: []string{"related-activity/@ref"}},
	{context: "/iati-activities/iati-activity", kind: "strict_sum", id: "2.1.2", grave: true, foreach: "sector[@vocabulary != '1']/@vocabulary", condition: "count(sector[@vocabulary = '$1']) > 1", paths: []string{"sector[@vocabulary = '$1']/@percentage"}, sum: "100"},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "3.4.1", grave: true, foreach: "recipient-region/@vocabulary", when: "count(recipient-region[@vocabulary = '$1']) > 1", then: "count(recipient-region[@vocabulary = '$1']) = count(recipient-region[@vocabulary = '$1']/@percentage)", paths: []string{"recipient-region[@vocabulary = '$1']"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "3.4.4", grave: true, foreach: "recipient-region/@vocabulary", when: "count(recipient-region[@vocabulary = '$1']) = 1 and not(recipient-country)", then: "not(recipient-region[@vocabulary = '$1']/@percentage) or recipient-region[@vocabulary = '$1']/@percentage = 100", paths: []string{"recipient-region[@vocabulary = '$1']", "recipient-country"}},
	{context: "/iati-activities/iati-activity", kind: "strict_sum", id: "3.4.2", grave: true, foreach: "recipient-region/@vocabulary", condition: "count(recipient-region[@vocabulary = '$1']) + count(recipient-country) > 1", paths: []string{"recipient-region[@vocabulary = '$1']/@percentage", "recipient-country/@percentage"}, sum: "100"},
	{context: "/iati-activities/iati-activity", kind: "strict_sum", id: "7.9.2", foreach: "country-budget-items/@vocabulary", condition: "count(country-budget-items[@vocabulary = '$1']/budget-item) > 1", paths: []string{"country-budget-items[@vocabulary = '$1']/budget-item/@percentage"}, sum: "100"},
	{context: "/iati-activities/iati-activity", kind: "atleast_one", id: "7.9.1", foreach: "country-budget-items/@vocabulary", condition: "count(country-budget-items[@vocabulary = '$1']/budget-item) > 1", paths: []string{"country-budget-items[@vocabulary = '$1']/budget-item/@percentage"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "7.9.4", foreach: "country-budget-items/@vocabulary", when: "count(country-budget-items[@vocabulary = '$1']/budget-item) = 1", then: "not(country-budget-items[@vocabulary = '$1']/budget-item/@percentage) or country-budget-items[@vocabulary = '$1']/budget-item/@percentage = 100", paths: []string{"country-budget-items[@vocabulary = '$1']/budget-item/@percentage"}},
	{context: "/iati-activities/iati-activity", kind: "no_more_than_one", id: "107.1.2", foreach: "default-aid-type[@vocabulary != 1]/@vocabulary", paths: []string{"default-aid-type[@vocabulary = '$1']"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "2.1.1", grave: true, foreach: "sector[@vocabulary != '1']/@vocabulary", when: "count(sector[@vocabulary = '$1']) > 1", then: "count(sector[@vocabulary = '$1']) = count(sector[@vocabulary = '$1']/@percentage)", paths: []string{"sector[@vocabulary = '$1']"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "2.1.4", grave: true, foreach: "sector[@vocabulary != '1']/@vocabulary", when: "count(sector[@vocabulary = '$1']) = 1", then: "not(sector[@vocabulary = '$1']/@percentage) or sector[@vocabulary = '$1']/@percentage = 100", paths: []string{"sector[@vocabulary = '$1']"}},
	{context: "/iati-activities/iati-activity", kind: "no_more_than_one", id: "107.1.2", paths: []string{"default-aid-type[@vocabulary = '1' or @vocabulary = '' or not(@vocabulary)]"}},
	{context: "/iati-activities/iati-activity", kind: "strict_sum", id: "2.1.2", grave: true, condition: "count(sector[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]/@percentage) > 1", paths: []string{"sector[@vocabulary = '1' or @vocabulary = '' or not(@vocabulary)]/@percentage"}, sum: "100"},
	{context: "/iati-activities/iati-activity", kind: "strict_sum", id: "3.1.2", grave: true, condition: "count(recipient-country) > 1 and not(recipient-region)", paths: []string{"recipient-country/@percentage"}, sum: "100"},
	{context: "/iati-activities/iati-activity", kind: "range", id: "12.1.1", grave: true, paths: []string{"recipient-country/@percentage"}, min: "0", max: "100"},
	{context: "/iati-activities/iati-activity", kind: "range", id: "12.1.1", grave: true, paths: []string{"recipient-region/@percentage"}, min: "0", max: "100"},
	{context: "/iati-activities/iati-activity", kind: "range", id: "12.3.1", grave: true, paths: []string{"sector/@percentage"}, min: "0", max: "100"},
	{context: "/iati-activities/iati-activity", kind: "range", id: "12.2.1", grave: true, paths: []string{"capital-spend/@percentage"}, min: "0", max: "100"},
	{context: "/iati-activities/iati-activity", kind: "range", id: "12.2.1", grave: true, paths: []string{"country-budget-items/budget-item/@percentage"}, min: "0", max: "100"},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "2.2.1", grave: true, when: "count(sector[@vocabulary=98 or @vocabulary=99]) > 0", then: "count(sector[@vocabulary=98 or @vocabulary=99]/narrative) >= count(sector[@vocabulary=98 or @vocabulary=99])", paths: []string{"sector[@vocabulary=98 or @vocabulary=99]", "sector[@vocabulary=98 or @vocabulary=99]/narrative"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "102.1.1", when: "count(sector[not(@vocabulary='')]) + count(sector[not(@vocabulary='1')]) > 0", then: "count(sector[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]) > 0", paths: []string{"sector[not(@vocabulary='')]", "sector[not(@vocabulary='1')]", "sector[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "2.1.1", grave: true, when: "count(sector[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]) > 1", then: "count(sector[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]) = count(sector[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]/@percentage)", paths: []string{"sector[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "2.1.4", grave: true, when: "count(sector[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]) = 1", then: "not(sector[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]/@percentage) or sector[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]/@percentage = 100", paths: []string{"sector[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "107.1.1", when: "count(default-aid-type[not(@vocabulary='')]) + count(default-aid-type[not(@vocabulary='1')]) > 0", then: "count(default-aid-type[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]) > 0", paths: []string{"default-aid-type[not(@vocabulary='')]", "default-aid-type[not(@vocabulary='1')]", "default-aid-type[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "107.2.1", when: "count(transaction/aid-type[not(@vocabulary='')]) + count(transaction/aid-type[not(@vocabulary='1')]) > 0", then: "count(transaction/aid-type[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]) > 0", paths: []string{"transaction/aid-type[not(@vocabulary='')]", "transaction/aid-type[not(@vocabulary='1')]", "transaction/aid-type[@vocabulary='' or @vocabulary='1' or not(@vocabulary)]"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "6.6.2", grave: true, when: "count(sector) > 0", then: "count(transaction/sector) < 1", paths: []string{"sector", "transaction/sector"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "3.6.2", grave: true, when: "recipient-country or recipient-region", then: "not(transaction/recipient-country or transaction/recipient-region)", paths: []string{"recipient-country", "recipient-region", "transaction/recipient-country", "transaction/recipient-region"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "3.7.1", grave: true, when: "not(recipient-country or recipient-region)", then: "transaction[recipient-country or recipient-region]", paths: []string{"recipient-country", "recipient-region", "transaction[recipient-country or recipient-region]"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "3.7.2", grave: true, when: "not(recipient-country or recipient-region)", then: "not(transaction[not(recipient-country or recipient-region)])", paths: []string{"recipient-country", "recipient-region", "transaction[not(recipient-country or recipient-region)]"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "3.1.1", grave: true, when: "count(recipient-country) > 1 and not(recipient-region)", then: "count(recipient-country) = count(recipient-country/@percentage)", paths: []string{"recipient-country", "recipient-region"}},
	{context: "/iati-activities/iati-activity", kind: "if_then", id: "3.1.4", grave: true, when: "count(recipient-country) = 1 and not(recipient-region)", then: "not(recipient-country/@percentage) or recipient-country/@percentage = 100", paths: []string{"recipient-country", "recipient-region"}},
	{context: "/iati-activities/iati-activity/transaction", kind: "no_more_than_one", id: "107.2.2", paths: []string{"aid-type[@vocabulary = '1' or @vocabulary = '' or not(@vocabulary)]"}},
	{context: "/iati-activities/iati-activity/transaction", kind: "no_more_than_one", id: "107.2.2", foreach: "aid-type[@vocabulary != 1]/@vocabulary", paths: []string{"aid-type[@vocabulary = '$1']"}},
	{context: "/iati-activities/iati-activity/other-identifier/owner-org", kind: "atleast_one", id: "6.8.1", grave: true, paths: []string{"@ref", "narrative"}},
	{context: "/iati-activities/iati-activity/other-identifier/owner-org", kind: "no_spaces", id: "1.11.1", paths: []string{"@ref"}},
	{context: "/iati-activities/iati-activity/other-identifier/owner-org", kind: "regex_matches", id: "1.11.13", regex: `^[^\/\&\|\?]+$`, paths: []string{"@ref"}},
	{context: "/iati-activities/iati-activity/transaction/provider-org | /iati-activities/iati-activity/planned-disbursement/provider-org", kind: "atleast_one", id: "6.9.1", grave: true, paths: []string{"@ref", "narrative"}},
	{context: "/iati-activities/iati-activity/transaction/provider-org | /iati-activities/iati-activity/planned-disbursement/provider-org", kind: "regex_matches", id: "1.10.13", regex: `^[^\/\&\|\?]+$`, paths: []string{"@ref"}},
	{context: "/iati-activities/iati-activity/transaction/provider-org | /iati-activities/iati-activity/planned-disbursement/provider-org", kind: "no_spaces", id: "1.10.1", paths: []string{"@ref"}},
	{context: "/iati-activities/iati-activity/transaction/provider-org | /iati-activities/iati-activity/planned-disbursement/provider-org", kind: "no_spaces", id: "1.4.1", paths: []string{"@provider-activity-id"}},
	{context: "/iati-activities/iati-activity/transaction/receiver-org | /iati-activities/iati-activity/planned-disbursement/receiver-org", kind: "atleast_one", id: "6.9.2", grave: true, paths: []string{"@ref", "narrative"}},
	{context: "/iati-activities/iati-activity/transaction/receiver-org | /iati-activities/iati-activity/planned-disbursement/receiver-org", kind: "no_spaces", id: "1.15.1", paths: []string{"@ref"}},
	{context: "/iati-activities/iati-activity/transaction/receiver-org | /iati-activities/iati-activity/planned-disbursement/receiver-org", kind: "no_spaces", id: "1.5.1", paths: []string{"@receiver-activity-id"}},
	{context: "/iati-activities/iati-activity/transaction/receiver-org | /iati-activities/iati-activity/planned-disbursement/receiver-org", kind: "regex_matches", id: "1.15.13", regex: `^[^\/\&\|\?]+$`, paths: []string{"@ref"}},
	{context: "/iati-activities/iati-activity/policy-marker", kind: "atleast_one", id: "6.14.1", grave: true, condition: "@vocabulary='1' or @vocabulary = '' or not(@vocabulary)", paths: []string{"@significance"}},
	{context: "/iati-activities/iati-activity/policy-marker", kind: "atleast_one", id: "6.13.1", grave: true, condition: "@vocabulary='99'", paths: []string{"narrative"}},
	{context: "/iati-activities/iati-activity/participating-org", kind: "atleast_one", id: "6.10.1", grave: true, paths: []string{"@ref", "narrative"}},
	{context: "/iati-activities/iati-activity/participating-org", kind: "regex_matches", id: "1.8.13", regex: `^[^\/\&\|\?]+$`, paths: []string{"@ref"}},
	{context: "/iati-activities/iati-activity/participating-org", kind: "no_spaces", id: "1.8.1", paths: []string{"@ref"}},
	{context: "/iati-activities/iati-activity/participating-org", kind: "no_spaces", id: "1.9.1", paths: []string{"@activity-id"}},
	{context: "/iati-activities/iati-activity/planned-disbursement", kind: "date_order", id: "8.6.3", grave: true, less: "period-start/@iso-date", more: "period-end/@iso-date"},
	{context: "/iati-activities/iati-activity/budget", kind: "date_order", id: "8.6.3", grave: true, less: "period-start/@iso-date", more: "period-end/@iso-date"},
	{context: "/iati-activities/iati-activity/budget", kind: "time_limit", id: "7.5.3", grave: true, start: "period-start/@iso-date", end: "period-end/@iso-date"},
	{context: "/iati-activities/iati-activity/result/indicator", kind: "no_more_than_one", id: "8.11.1", grave: true, paths: []string{"reference[1]", "../reference[1]"}},
	{context: "/iati-activities/iati-activity/result/indicator/period", kind: "date_order", id: "8.6.1", grave: true, less: "period-start/@iso-date", more: "period-end/@iso-date"},
	{context: "/iati-activities/iati-activity/result/indicator[@measure='1' or @measure='2' or @measure='3' or @measure='4']/baseline", kind: "atleast_one", id: "8.8.1", grave: true, paths: []string{"@value"}},
	{context: "/iati-activities/iati-activity/result/indicator[@measure='1' or @measure='2' or @measure='3' or @measure='4']/baseline", kind: "if_then", id: "8.8.2", when: "@value", then: "number(@value) = @value", paths: []string{"@value"}},
	{context: "/iati-activities/iati-activity/result/indicator[@measure='5']/baseline", kind: "if_then", id: "8.8.3", when: "@value", then: "not(@value)", paths: []string{"@value"}},
	{context: "/iati-activities/iati-activity/result/indicator[@measure='1' or @measure='2' or @measure='3' or @measure='4']/period/target", kind: "atleast_one", id: "8.9.1", grave: true, paths: []string{"@value"}},
	{context: "/iati-activities/iati-activity/result/indicator[@measure='1' or @measure='2' or @measure='3' or @measure='4']/period/target", kind: "if_then", id: "8.9.2", when: "@value", then: "number(@value) = @value", paths: []string{"@value"}},
	{context: "/iati-activities/iati-activity/result/indicator[@measure='5']/period/target", kind: "if_then", id: "8.9.3", when: "@value", then: "not(@value)", paths: []string{"@value"}},
	{context: "/iati-activities/iati-activity/result/indicator[@measure='1' or @measure='2' or @measure='3' or @measure='4']/period/actual", kind: "atleast_one", id: "8.10.1", grave: true, paths: []string{"@value"}},
	{context: "/iati-activities/iati-activity/result/indicator[@measure='1' or @measure='2' or @measure='3' or @measure='4']/period/actual", kind: "if_then", id: "8.10.2", when: "@value", then: "number(@value) = @value", paths: []string{"@value"}},
	{context: "/iati-activities/iati-activity/result/indicator[@measure='5']/period/actual", kind: "if_then", id: "8.10.3", when: "@value", then: "not(@value)", paths: []string{"@value"}},
	{context: "//title", kind: "atleast_one", id: "4.3.1", grave: true, paths: []string{"narrative/text()"}},
	{context: "//description", kind: "atleast_one", id: "4.4.1", grave: true, paths: []string{"narrative/text()"}},
}

// agencies are the codes of the registration agencies by which an organisation's identifier
// begins (code list OrganisationRegistrationAgency); a test holds them to that list.
const agencies = `
AD-COA AE-ACCI AE-ADCD AE-AFZ AE-COA AE-DCCI AE-DFSA AE-DIFC AE-DMCC AE-FCCI AE-FFZ AE-HFZA AE-RAKIA AE-RK_CR AE-SAIF
AE-SCCI AE-UQCCI AF-CBR AF-COA AF-MOE AF-TIN AG-COA AI-COA AL-COA AL-QKB AM-COA AM-SRALE AO-COA AQ-COA AR-CENOC AR-COA
AR-CUIT AS-COA AT-COA AT-FB AT-UID AT-ZVR AU-ABN AU-ACNC AU-COA AW-COA AX-COA AZ-COA AZ-IVI BA-COA BB-COA BD-COA BD-NAB
BD-ROC BE-BCE_KBO BE-COA BE-GTCF BF-COA BF-MATD BG-COA BG-EIK BH-COA BI-COA BI-NIF BJ-COA BJ-IFU BL-COA BM-COA BN-COA
BO-CINS BO-COA BO-NIT BQ-COA BR-CNPJ BR-COA BS-COA BT-COA BV-COA BW-CIPA BW-COA BW-TIN BY-ADR BY-COA BZ-COA CA-CC CA-COA
CA-CRA_ACR CA-GOV CA_AB-ABT CA_BC-BRC_CBR CA_MB-MTB CA_NB-NWB_NOB CA_NL-NFL_TNL CA_NS-NVS_NVE CA_NT-NWT_TNO CA_NU-NNV
CA_ON-ONT CA_PE-PEI_IPE CA_QC-QBC CA_SK-SKN CA_YT-YKT CC-COA CD-COA CD-MJDH CF-COA CG-COA CH-COA CH-FDJP CH_BS-CR CI-COA
CI-MOI CK-COA CL-COA CL-MP CL-RUT CM-COA CM-NIU CN-COA CN-SAIC CN-USCI CO-CCB CO-COA CO-RUE CR-COA CR-RPJ CU-COA CV-COA
CW-COA CX-COA CY-COA CY-DRCOR CZ-COA CZ-DIC CZ-ICO DE-COA DE-CR DJ-COA DK-COA DK-CVR DM-COA DO-COA DZ-COA EC-COA EC-RUC
EE-COA EE-KMKR EE-RIK EG-COA EG-CR EG-MOSS EH-COA ER-COA ES-COA ES-DIR3 ES-MDJ ES-NIF ES-RMC ET-COA ET-CSA ET-MFA ET-MOT
FI-COA FI-PRO FI-VERO FJ-COA FK-COA FM-COA FO-COA FR-COA FR-INSEE FR-RCS GA-COA GB-CASC GB-CHC GB-COA GB-COE GB-COH
GB-EDU GB-GOR GB-GOV GB-GOVUK GB-HESA GB-IRN GB-LAE GB-LANI GB-LAS GB-MPR GB-NHS GB-NIC GB-PLA GB-REV GB-SC GB-SCOTEDU
GB-SHPE GB-SRS GB-UKPRN GB-WALEDU GD-COA GE-COA GE-NAPR GE-RS GF-COA GG-COA GG-RCE GH-COA GH-DSW GH-RGD GI-COA GL-COA
GM-COA GN-COA GP-COA GQ-COA GR-COA GS-COA GT-CISP GT-COA GT-NIT GT-RPJ GU-COA GW-COA GY-COA HK-COA HK-CR HM-COA HN-COA
HN-RTN HR-COA HR-MBS HR-OIB HT-COA HU-AFA HU-COA ID-COA ID-DJP ID-KDN ID-KHH ID-KLN ID-PRO ID-SMR IE-CHY IE-COA IE-CRO
IL-COA IL-RA IL-ROC IM-COA IM-CR IM-GR IN-COA IN-MCA IN-MHA IO-COA IQ-COA IQ-NGO IR-COA IS-COA IS-KEN IT-CF IT-COA
IT-CUUO IT-RI JE-COA JE-FSC JE-JCR JE-OAC JM-COA JO-CCD JO-COA JO-MSD JP-COA JP-JCN KE-COA KE-KRA KE-NCB KE-RCO KE-RSO
KG-COA KG-ID KG-INN KG-OKPO KG-TIN KH-COA KH-INGO KH-NNGO KI-COA KM-COA KN-COA KP-COA KR-BRN KR-COA KW-COA KY-COA KZ-BIN
KZ-COA LA-COA LB-COA LB-CR LB-MOI LC-COA LI-COA LK-COA LK-DRC LK-NGO LR-COA LR-MFDPNGO LS-COA LS-LCN LT-COA LT-PVM LT-RC
LU-COA LU-RCS LV-COA LV-RE LY-COA MA-COA MC-COA MC-RCI MD-COA MD-IDNO ME-COA MF-COA MG-COA MG-NIF MH-COA MK-COA ML-CCIM
ML-COA ML-MAT ML-NIF MM-COA MM-MHA MN-COA MO-COA MP-COA MQ-COA MR-COA MS-COA MT-COA MU-COA MU-CR MV-COA MW-CNM MW-COA
MW-MRA MW-NBM MW-RG MX-CMX_CPA MX-COA MX-CPA MX-RFC MY-COA MY-SSM MZ-COA MZ-CR MZ-MOJ MZ-NUIT NA-COA NA-NAMRA NC-COA
NE-COA NE-DGI NF-COA NG-BPP NG-CAC NG-COA NG-TIN NI-COA NL-COA NL-KVK NL-OWMS NO-BRC NO-COA NP-COA NP-CRO NP-IRD NP-SWC
NR-COA NU-COA NZ-COA OM-COA PA-COA PA-PRP PE-COA PE-RUC PE-SUNARP PF-COA PG-COA PH-COA PH-SEC PK-COA PK-NTN PK-PCP
PK-SEC PK-VSWA PL-COA PL-KRS PL-NIP PL-REGON PM-COA PN-COA PR-COA PS-COA PS-MOI PS-TIN PT-COA PT-NIPPC PW-COA PY-COA
PY-PGN PY-RUC QA-COA RE-COA RO-COA RO-CUI RS-APR RS-COA RS-PIB RU-COA RU-INN RU-OGRN RW-COA RW-RGB RW-RRA SA-COA SB-COA
SC-COA SD-COA SE-BLV SE-COA SE-KK SE-ON SG-ACRA SG-COA SG-COC SH-COA SI-COA SI-PRS SI-TIN SJ-COA SK-COA SK-ICO SK-ORSR
SK-ZRSR SL-COA SL-NRA SL-OARG SM-COA SN-COA SN-NINEA SO-COA SO-MPND SR-COA SS-COA SS-RRC ST-COA SV-COA SV-NIT SX-COA
SY-COA SZ-CIT SZ-COA TC-COA TD-COA TF-COA TG-COA TH-COA TH-MOI TH-TIN TJ-COA TK-COA TL-COA TM-COA TN-COA TN-RNE TO-COA
TR-COA TR-MERSIS TR-MOI TT-COA TV-COA TW-COA TZ-BRLA TZ-COA TZ-NNCB TZ-TRA UA-COA UA-EDR UG-204CBO UG-COA UG-NGB UG-NGO
UG-RSB UM-COA US-COA US-DOS US-EIN US-USAGOV UY-COA UZ-COA UZ-KTUT VA-COA VC-COA VE-COA VG-COA VI-COA VN-COA VN-MOST
VU-COA WF-COA WS-COA XE-EXAMPLE XI-BRIDGE XI-DUNS XI-EORI XI-GRID XI-IATI XI-LEI XI-PB XI-PID XI-ROR XI-WIKIDATA XK-COA
XM-DAC XM-OCHA XR-EUCB XR-NUTS YE-COA YE-CR YE-MSAL YT-COA ZA-CIP ZA-CIT ZA-COA ZA-NPO ZA-PBO ZM-COA ZM-PCR ZM-RNGO
ZW-COA ZW-PVO ZW-ROD ZZ-EBID
`
