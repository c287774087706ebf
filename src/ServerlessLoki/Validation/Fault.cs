using System.Text;

namespace ServerlessLoki.Validation;

/// <summary>One thing that is wrong with an input.</summary>
/// <param name="Path">Where: a JSON path such as <c>$.tasks[1].name</c>, or <c>line 3</c> for text.</param>
/// <param name="Message">What is wrong, in a sentence without a full stop.</param>
/// <param name="Found">What stood there; null when nothing did.</param>
/// <param name="Allowed">What may stand there; null when the message says it.</param>
public sealed record Fault(string Path, string Message, string? Found = null, string? Allowed = null)
{
    /// <summary>One line: where, what, found, allowed.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Path).Append(": ").Append(Message);
        if (Found is not null)
            text.Append("; found ").Append(Found);
        if (Allowed is not null)
            text.Append("; allowed: ").Append(Allowed);
        return text.ToString();
    }
}
