// The aggregate of the examples: a course with two seats. Documentation includes this file, and so compiles it.

use contracts::{Announcement, Cause, EventData};
use decider::{Aggregate, Stored};
use identifiers::{CorrelationId, MessageId, ProductId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Key;

/// A course, by who takes part in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    pub students: Vec<String>,
}

/// The command: a student wants a seat.
pub struct Enrol {
    pub student: String,
}

/// What happened, and what others hear of it: the student has got one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Enrolled {
    pub student: String,
}

impl EventData for Enrolled {
    const TYPE: &'static str = "courses.Enrolled.v1";
}

/// Why not: each seat is taken.
#[derive(Debug, PartialEq, Eq)]
pub struct Full;

impl Aggregate for Course {
    type Command = Enrol;
    type Event = Enrolled;
    type State = Course;
    type Rejection = Full;

    fn decide(course: Option<&Course>, command: &Enrol) -> Result<Vec<Enrolled>, Full> {
        let students = course.map_or(&[][..], |course| &course.students);
        // However late the command comes again, there is nothing left to do.
        if students.contains(&command.student) {
            return Ok(Vec::new());
        }
        if students.len() >= 2 {
            return Err(Full);
        }
        let student = command.student.clone();
        Ok(vec![Enrolled { student }])
    }

    fn evolve(course: Option<Course>, event: &Enrolled) -> Course {
        let mut course = course.unwrap_or_default();
        course.students.push(event.student.clone());
        course
    }
}

impl Stored for Course {
    type Id = ProductId;

    fn key(id: &ProductId) -> Key {
        Key::new(format!("course#{id}"), "course")
    }

    fn announce(event: &Enrolled, _: &Course) -> Option<Announcement> {
        Some(Announcement::of(event))
    }
}

/// The id of the course that is sold under that name.
pub fn course(name: &str) -> ProductId {
    ProductId::new(name).unwrap()
}

/// A student's wish.
pub fn enrol(student: &str) -> Enrol {
    let student = student.to_owned();
    Enrol { student }
}

/// The message with that id, as the cause of what it leads to. In a function `CloudEvent::as_cause` makes it of an event,
/// and `door::RequestCause` of a request.
pub fn message(id: &str) -> Cause {
    Cause {
        message_id: MessageId::new(id).unwrap(),
        correlation_id: CorrelationId::new(id).unwrap(),
        traceparent: None,
        request: None,
        now: Timestamp::from_milliseconds(1_795_512_600_000),
    }
}
