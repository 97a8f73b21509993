//! The published language: events, their envelope, schemas and golden examples
