//! A raw MIME mail read into its parts.

use mail_parser::{Address, MessageParser, MimeHeaders};

/// What a raw mail says of itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct RawMail {
    pub from: Option<String>,
    pub to: Vec<String>,
    pub cc: Vec<String>,
    pub bcc: Vec<String>,
    pub reply_to: Vec<String>,
    pub subject: String,
    pub text: Option<String>,
    pub html: Option<String>,
    pub attachments: Vec<String>,
}

/// Reads a mail's bytes; `None` when they are no mail.
pub(crate) fn parse(bytes: &[u8]) -> Option<RawMail> {
    let message = MessageParser::default().parse(bytes)?;
    message.headers().first()?;
    Some(RawMail {
        from: addresses(message.from()).into_iter().next(),
        to: addresses(message.to()),
        cc: addresses(message.cc()),
        bcc: addresses(message.bcc()),
        reply_to: addresses(message.reply_to()),
        subject: message.subject().unwrap_or_default().to_owned(),
        // The parser offers each part converted from the other; only what is there is wanted.
        text: message
            .text_bodies()
            .find(|part| part.is_text() && !part.is_text_html())
            .and_then(|part| part.text_contents().map(str::to_owned)),
        html: message
            .html_bodies()
            .find(|part| part.is_text_html())
            .and_then(|part| part.text_contents().map(str::to_owned)),
        attachments: message
            .attachments()
            .map(|part| part.attachment_name().unwrap_or("unnamed").to_owned())
            .collect(),
    })
}

fn addresses(found: Option<&Address<'_>>) -> Vec<String> {
    let Some(found) = found else {
        return Vec::new();
    };
    found
        .iter()
        .filter_map(|address| {
            let bare = address.address()?;
            Some(match address.name() {
                Some(name) => format!("{name} <{bare}>"),
                None => bare.to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multipart_mail_in_japanese() {
        let mail = "From: =?UTF-8?B?44Gu44KM44KT?= <shop@example.com>\r\nTo: taro@example.com\r\n\
            Subject: =?ISO-2022-JP?B?GyRCJDRDbUo4GyhC?=\r\nMIME-Version: 1.0\r\n\
            Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n44GU5rOo5paH\r\n\
            --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>order</p>\r\n--b--\r\n\
            --m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=invoice.pdf\r\n\r\nx\r\n--m--\r\n";
        let read = parse(mail.as_bytes()).unwrap();
        assert_eq!(read.from.as_deref(), Some("のれん <shop@example.com>"));
        assert_eq!(read.to, ["taro@example.com"]);
        assert_eq!(read.subject, "ご注文");
        assert_eq!(read.text.as_deref(), Some("ご注文"));
        assert_eq!(read.html.as_deref().map(str::trim), Some("<p>order</p>"));
        assert_eq!(read.attachments, ["invoice.pdf"]);
    }

    #[test]
    fn nothing_is_no_mail() {
        assert_eq!(parse(b""), None);
    }
}
