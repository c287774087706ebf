using System.Xml;
using System.Xml.Linq;

namespace ServerlessLoki.LocalCloud.ServiceBus.Administration;

/// <summary>Reader of the fields of a description. Missing fields keep their defaults; faults are collected.</summary>
internal sealed class FieldReader(XElement description, List<string> faults)
{
    public string? Text(string name) => description.Element(QueueDescription.Namespace + name)?.Value;

    public bool Flag(string name) => Value(name, XmlConvert.ToBoolean, false, static _ => true, "true or false");

    public int Number(string name, int absent, int least, int most) =>
        Value(name, XmlConvert.ToInt32, absent, v => v >= least && v <= most, $"a number from {least} to {most}");

    public TimeSpan Span(string name, TimeSpan absent, TimeSpan least, TimeSpan most) =>
        Value(name, XmlConvert.ToTimeSpan, absent, v => v >= least && v <= most, $"a duration from {XmlConvert.ToString(least)} to {XmlConvert.ToString(most)}");

    private T Value<T>(string name, Func<string, T> parse, T absent, Func<T, bool> isAllowed, string allowed)
    {
        if (Text(name) is not { } text)
            return absent;
        try
        {
            var value = parse(text);
            if (isAllowed(value))
                return value;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
        }

        faults.Add($"{name} is '{text}', but must be {allowed}.");
        return absent;
    }
}
