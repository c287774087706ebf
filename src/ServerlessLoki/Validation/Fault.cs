using System.Text;

namespace ServerlessLoki.Validation;

/// <summary>Fault of an input.</summary>
/// <param name="Path">Place of the fault: a JSON path such as <c>$.tasks[1].name</c>, or <c>line 3</c> for text.</param>
/// <param name="Message">Description of the fault, in a sentence without a full stop.</param>
/// <param name="Found">Value that was found; null when there was none.</param>
/// <param name="Allowed">Values that are allowed; null when the message says it.</param>
public sealed record Fault(string Path, string Message, string? Found = null, string? Allowed = null)
{
    /// <summary>Writes the fault in one line: place, message, found, allowed.</summary>
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
