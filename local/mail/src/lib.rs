//! SES on this machine, with a readable inbox
