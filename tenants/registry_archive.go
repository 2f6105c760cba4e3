package tenants

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/mitra-platform/mitra/services/fault"
)

// What a backup takes of the registry: persons with the hash of their password and the
// list of tenants. Sessions, tokens and links are not taken: who restores must sign in.

// archiveSlice is how many rows are read at once.
const archiveSlice = 500

// ExportPersons gives, as stored, every person; or, of a tenant, those who have a seat
// there or are named, without their seats elsewhere and without the platform's
// administration, which is not the tenant's to give.
func (r *Registry) ExportPersons(ctx context.Context, of TenantID, named []PersonID, emit func(doc []byte) error) error {
	if of == "" {
		return r.exportPersons(ctx, bson.D{}, func(doc bson.Raw) error { return emit(doc) })
	}
	done := map[string]bool{}
	give := func(doc bson.Raw) error {
		id := doc.Lookup("_id").StringValue()
		if done[id] {
			return nil
		}
		done[id] = true
		row, err := onlyOf(doc, of)
		if err != nil {
			return err
		}
		return emit(row)
	}
	if err := r.exportPersons(ctx, bson.D{{Key: "seats.tenant", Value: of}}, give); err != nil {
		return err
	}
	for some := range slices.Chunk(named, archiveSlice) {
		if err := r.exportPersons(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: some}}}}, give); err != nil {
			return err
		}
	}
	return nil
}

func (r *Registry) exportPersons(ctx context.Context, filter bson.D, give func(bson.Raw) error) error {
	last := ""
	for {
		asked := slices.Concat(filter, bson.D{{Key: "$and", Value: bson.A{bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: last}}}}}}})
		cursor, err := r.persons.Find(ctx, asked, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(archiveSlice))
		docs, err := Raws(ctx, cursor, err)
		if err != nil {
			return err
		}
		for _, doc := range docs {
			if err := give(doc); err != nil {
				return err
			}
		}
		if len(docs) < archiveSlice {
			return nil
		}
		last = docs[len(docs)-1].Lookup("_id").StringValue()
	}
}

// onlyOf is a person's row as one tenant knows it.
func onlyOf(doc bson.Raw, tenant TenantID) (bson.Raw, error) {
	var row bson.D
	if err := bson.Unmarshal(doc, &row); err != nil {
		return nil, err
	}
	for i := range row {
		switch row[i].Key {
		case "platform_admin":
			row[i].Value = false
		case "seats":
			row[i].Value = seatsIn(row[i].Value, tenant, tenant)
		}
	}
	return bson.Marshal(row)
}

// seatsIn are the seats in a tenant, under another name of it.
func seatsIn(seats any, tenant, as TenantID) bson.A {
	list, _ := seats.(bson.A)
	kept := bson.A{}
	for _, s := range list {
		seat, _ := s.(bson.D)
		for i := range seat {
			if seat[i].Key == "tenant" && seat[i].Value == string(tenant) {
				seat[i].Value = string(as)
				kept = append(kept, seat)
			}
		}
	}
	return kept
}

// ExportTenants gives the row of one tenant, or of all, as stored.
func (r *Registry) ExportTenants(ctx context.Context, of TenantID, emit func(doc []byte) error) error {
	filter := bson.D{}
	if of != "" {
		filter = byID(of)
	}
	cursor, err := r.spaces.Find(ctx, filter, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	rows, err := Raws(ctx, cursor, err)
	for _, row := range rows {
		if err := emit(row); err != nil {
			return err
		}
	}
	if err == nil && of != "" && len(rows) == 0 {
		return fault.NotFound("tenant")
	}
	return err
}

// RoomForPerson refuses with restore_login_taken when one of the logins in a person's row
// belongs to somebody else here.
func (r *Registry) RoomForPerson(ctx context.Context, doc []byte) error {
	var p Person
	if err := Decode(doc, &p); err != nil {
		return fault.New(fault.Malformed, "backup_damaged").Because(err)
	}
	for _, login := range p.Logins {
		have, err := r.PersonByLogin(ctx, login)
		if err != nil && fault.KindOf(err) != fault.Missing {
			return err
		}
		if err == nil && have.ID != p.ID {
			return fault.New(fault.Conflict, "restore_login_taken", "value", string(p.ID))
		}
	}
	return nil
}

// RestorePerson brings a person's row back. Somebody who is known here stays as they are
// and gets the seats that the row has in the tenant; from and as are its slugs in the
// row and here. Without them the row takes the place of whatever is there.
func (r *Registry) RestorePerson(ctx context.Context, doc []byte, from, as TenantID) error {
	var row bson.D
	if err := bson.Unmarshal(doc, &row); err != nil {
		return fault.New(fault.Malformed, "backup_damaged").Because(err)
	}
	seats := bson.A{}
	for i := range row {
		if row[i].Key == "seats" && from != "" {
			seats = seatsIn(row[i].Value, from, as)
			row[i].Value = seats
		}
	}
	id, _ := bson.Raw(doc).Lookup("_id").StringValueOK()
	if from == "" {
		_, err := r.persons.ReplaceOne(ctx, byID(id), row, options.Replace().SetUpsert(true))
		return Translate(err, "person")
	}
	_, err := r.persons.InsertOne(ctx, row)
	if refusal := Translate(err, "person"); err == nil || fault.CodeOf(refusal) != "duplicate" {
		return refusal
	}
	done, err := r.persons.UpdateOne(ctx, byID(id), bson.D{
		{Key: "$addToSet", Value: bson.D{{Key: "seats", Value: bson.D{{Key: "$each", Value: seats}}}}},
		{Key: "$inc", Value: bson.D{{Key: "version", Value: 1}}},
	})
	if err == nil && done.MatchedCount == 0 {
		return fault.New(fault.Conflict, "restore_login_taken", "value", id)
	}
	return Translate(err, "person")
}

// RoomForTenant refuses with restore_not_empty when the slug is a tenant's, and with
// restore_short_taken when the short code is.
func (r *Registry) RoomForTenant(ctx context.Context, slug TenantID, short string) error {
	list, err := r.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range list {
		switch {
		case t.ID == slug:
			return fault.New(fault.Conflict, "restore_not_empty", "value", string(slug))
		case t.Short == short:
			return fault.New(fault.Conflict, "restore_short_taken", "value", short)
		}
	}
	return nil
}

// RestoreTenant brings a tenant's row back under a slug and a short code. It comes last:
// until then nobody reaches the tenant.
func (r *Registry) RestoreTenant(ctx context.Context, doc []byte, slug TenantID, short string) error {
	var row bson.D
	if err := bson.Unmarshal(doc, &row); err != nil || !ValidSlug(string(slug)) {
		return fault.New(fault.Malformed, "backup_damaged").Because(err)
	}
	for i := range row {
		switch row[i].Key {
		case "_id":
			row[i].Value = slug
		case "short":
			row[i].Value = short
		}
	}
	_, err := r.spaces.InsertOne(ctx, row)
	return Translate(err, "tenant")
}
