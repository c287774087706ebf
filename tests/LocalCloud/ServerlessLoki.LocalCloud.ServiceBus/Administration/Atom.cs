using System.Xml.Linq;

namespace ServerlessLoki.LocalCloud.ServiceBus.Administration;

/// <summary>Atom entries and feeds of the management interface.</summary>
internal static class Atom
{
    private static readonly XNamespace Namespace = "http://www.w3.org/2005/Atom";

    public static XElement Entry(string name, XElement content) => new(
        Namespace + "entry",
        new XElement(Namespace + "id", name),
        new XElement(Namespace + "title", new XAttribute("type", "text"), name),
        new XElement(Namespace + "content", new XAttribute("type", "application/xml"), content));

    public static XElement Feed(string title, IEnumerable<XElement> entries) =>
        new(Namespace + "feed", new XElement(Namespace + "title", new XAttribute("type", "text"), title), entries);

    public static XElement Error(int status, string detail) => new("Error", new XElement("Code", status), new XElement("Detail", $"SubCode={status}00. {detail}"));
}
