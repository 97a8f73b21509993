//! `AWS::DynamoDB::Table`.

use crate::error::Refusal;
use crate::field::{Field, Fields};
use crate::identity::Identity;
use crate::model::{
    AttributeDefinition, AttributeKind, Index, KeySchema, Projection, StreamView, Table,
};

pub(crate) fn table(
    logical_id: String,
    identity: &Identity,
    mut fields: Fields,
) -> Result<Table, Refusal> {
    fields.need("BillingMode")?.one_of(&["PAY_PER_REQUEST"])?;
    let mut attributes = Vec::new();
    for definition in fields.need("AttributeDefinitions")?.list()? {
        let mut definition = definition.fields("an attribute definition")?;
        let name = definition.need("AttributeName")?.text()?;
        let kind = match definition
            .need("AttributeType")?
            .one_of(&["S", "N", "B"])?
            .as_str()
        {
            "N" => AttributeKind::Number,
            "B" => AttributeKind::Binary,
            _ => AttributeKind::String,
        };
        definition.finish()?;
        attributes.push(AttributeDefinition { name, kind });
    }
    let key = key(fields.need("KeySchema")?, &attributes)?;
    let mut indexes = Vec::new();
    if let Some(list) = fields.take("GlobalSecondaryIndexes") {
        for item in list.list()? {
            indexes.push(index(item, &attributes)?);
        }
    }
    let stream_view = fields
        .take("StreamSpecification")
        .map(stream_view)
        .transpose()?;
    let ttl_attribute = match fields.take("TimeToLiveSpecification") {
        Some(field) => ttl_attribute(field)?,
        None => None,
    };
    fields.finish()?;
    let (name, arn) = (identity.name.clone(), identity.arn.clone());
    Ok(Table {
        logical_id,
        name,
        arn,
        attributes,
        key,
        indexes,
        stream_view,
        ttl_attribute,
    })
}

fn key(field: Field, attributes: &[AttributeDefinition]) -> Result<KeySchema, Refusal> {
    let place = field.clone();
    let (mut hash, mut range) = (None, None);
    for element in field.list()? {
        let mut element = element.fields("a key element")?;
        let name = element.need("AttributeName")?;
        let text = name.clone().text()?;
        if !attributes.iter().any(|attribute| attribute.name == text) {
            return Err(name.refuse(format!("{text} is not among AttributeDefinitions")));
        }
        let role = element.need("KeyType")?.one_of(&["HASH", "RANGE"])?;
        element.finish()?;
        let slot = if role == "HASH" {
            &mut hash
        } else {
            &mut range
        };
        if slot.replace(text).is_some() {
            return Err(place.refuse(format!("a key has one {role} attribute")));
        }
    }
    let hash = hash.ok_or_else(|| place.refuse("a key needs a HASH attribute"))?;
    Ok(KeySchema { hash, range })
}

fn index(field: Field, attributes: &[AttributeDefinition]) -> Result<Index, Refusal> {
    let mut fields = field.fields("a global secondary index")?;
    let name = fields.need("IndexName")?.text()?;
    let key = key(fields.need("KeySchema")?, attributes)?;
    let mut projected = fields.need("Projection")?.fields("a projection")?;
    let projection = match projected
        .need("ProjectionType")?
        .one_of(&["ALL", "KEYS_ONLY", "INCLUDE"])?
        .as_str()
    {
        "ALL" => Projection::All,
        "INCLUDE" => Projection::Include(projected.need("NonKeyAttributes")?.texts()?),
        _ => Projection::KeysOnly,
    };
    projected.finish()?;
    fields.finish()?;
    Ok(Index {
        name,
        key,
        projection,
    })
}

fn stream_view(field: Field) -> Result<StreamView, Refusal> {
    let mut fields = field.fields("StreamSpecification")?;
    let views = [
        StreamView::KeysOnly,
        StreamView::NewImage,
        StreamView::OldImage,
        StreamView::NewAndOldImages,
    ];
    let field = fields.need("StreamViewType")?;
    let text = field.clone().one_of(&views.map(StreamView::as_str))?;
    fields.finish()?;
    views
        .into_iter()
        .find(|view| view.as_str() == text)
        .ok_or_else(|| field.refuse("not a stream view"))
}

fn ttl_attribute(field: Field) -> Result<Option<String>, Refusal> {
    let mut fields = field.fields("TimeToLiveSpecification")?;
    let enabled = fields.need("Enabled")?.boolean()?;
    let name = fields.take("AttributeName").map(Field::text).transpose()?;
    fields.finish()?;
    Ok(name.filter(|_| enabled))
}
