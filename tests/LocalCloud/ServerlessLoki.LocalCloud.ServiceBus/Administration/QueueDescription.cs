using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using ServerlessLoki.LocalCloud.ServiceBus.Queues;

namespace ServerlessLoki.LocalCloud.ServiceBus.Administration;

/// <summary>XML description of a queue in the management interface.</summary>
internal static class QueueDescription
{
    public static readonly XNamespace Namespace = "http://schemas.microsoft.com/netservices/2010/10/servicebus/connect";
    private static readonly XNamespace Counts = "http://schemas.microsoft.com/netservices/2011/06/servicebus";

    public static XElement Write(QueueState state)
    {
        var queue = state.Settings;
        return new XElement(
            Namespace + "QueueDescription",
            Element("LockDuration", XmlConvert.ToString(queue.LockDuration)),
            Element("MaxSizeInMegabytes", "1024"),
            Element("RequiresDuplicateDetection", XmlConvert.ToString(queue.RequiresDuplicateDetection)),
            Element("RequiresSession", "false"),
            Element("DefaultMessageTimeToLive", XmlConvert.ToString(queue.DefaultMessageTimeToLive)),
            Element("DeadLetteringOnMessageExpiration", XmlConvert.ToString(queue.DeadLetteringOnMessageExpiration)),
            Element("DuplicateDetectionHistoryTimeWindow", XmlConvert.ToString(queue.DuplicateDetectionHistoryTimeWindow)),
            Element("MaxDeliveryCount", XmlConvert.ToString(queue.MaxDeliveryCount)),
            Element("EnableBatchedOperations", "true"),
            Element("SizeInBytes", XmlConvert.ToString(state.SizeInBytes)),
            Element("MessageCount", XmlConvert.ToString(state.Active + state.Scheduled + state.DeadLetters)),
            Element("IsAnonymousAccessible", "false"),
            Element("Status", "Active"),
            queue.UserMetadata is null ? null : Element("UserMetadata", queue.UserMetadata),
            Element("CreatedAt", Time(state.CreatedAt)),
            Element("UpdatedAt", Time(state.UpdatedAt)),
            Element("AccessedAt", Time(state.AccessedAt)),
            Element("SupportOrdering", "true"),
            new XElement(
                Namespace + "CountDetails",
                new XElement(Counts + "ActiveMessageCount", state.Active),
                new XElement(Counts + "DeadLetterMessageCount", state.DeadLetters),
                new XElement(Counts + "ScheduledMessageCount", state.Scheduled),
                new XElement(Counts + "TransferMessageCount", 0),
                new XElement(Counts + "TransferDeadLetterMessageCount", 0)),
            Element("AutoDeleteOnIdle", XmlConvert.ToString(queue.AutoDeleteOnIdle)),
            Element("EnablePartitioning", "false"),
            Element("EntityAvailabilityStatus", "Available"),
            Element("EnableExpress", "false"));
    }

    /// <summary>Reads the settings that a client requests, and records every fault.</summary>
    public static QueueSettings Read(string name, string body, List<string> faults)
    {
        var settings = new QueueSettings { Name = name };
        if (name.Length is 0 or > 260 || name.StartsWith('$'))
            faults.Add($"The name '{name}' must have 1 to 260 characters and not begin with '$'.");
        var description = Parse(body)?.Descendants(Namespace + "QueueDescription").FirstOrDefault();
        if (description is null)
        {
            faults.Add("The body must be an Atom entry with a QueueDescription; topics and subscriptions are not served by this broker for development.");
            return settings;
        }

        var fields = new FieldReader(description, faults);
        settings = settings with
        {
            LockDuration = fields.Span("LockDuration", settings.LockDuration, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(5)),
            MaxDeliveryCount = fields.Number("MaxDeliveryCount", settings.MaxDeliveryCount, 1, 2000),
            DefaultMessageTimeToLive = fields.Span("DefaultMessageTimeToLive", settings.DefaultMessageTimeToLive, TimeSpan.FromTicks(1), TimeSpan.MaxValue),
            AutoDeleteOnIdle = fields.Span("AutoDeleteOnIdle", settings.AutoDeleteOnIdle, TimeSpan.FromMinutes(5), TimeSpan.MaxValue),
            DeadLetteringOnMessageExpiration = fields.Flag("DeadLetteringOnMessageExpiration"),
            RequiresDuplicateDetection = fields.Flag("RequiresDuplicateDetection"),
            DuplicateDetectionHistoryTimeWindow = fields.Span(
                "DuplicateDetectionHistoryTimeWindow", settings.DuplicateDetectionHistoryTimeWindow, TimeSpan.FromSeconds(20), TimeSpan.FromDays(7)),
            UserMetadata = fields.Text("UserMetadata"),
        };
        if (fields.Flag("RequiresSession"))
            faults.Add("RequiresSession must be false: sessions are not served by this broker for development.");
        foreach (var unserved in (string[])["ForwardTo", "ForwardDeadLetteredMessagesTo"])
        {
            if (fields.Text(unserved) is { Length: > 0 })
                faults.Add($"{unserved} must be empty: forwarding is not served by this broker for development.");
        }

        return settings;
    }

    private static XDocument? Parse(string body)
    {
        try
        {
            return XDocument.Parse(body);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static XElement Element(string name, string value) => new(Namespace + name, value);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
