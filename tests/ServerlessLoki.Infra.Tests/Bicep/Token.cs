namespace ServerlessLoki.Infra.Tests.Bicep;

internal enum TokenKind
{
    Name,
    Number,
    Text,
    Symbol,
    NewLine,
    End,
}

/// <summary>A token; of a string, the text between its quotes as it is written.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Line);
