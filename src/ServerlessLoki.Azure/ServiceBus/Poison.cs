namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>Marks of unreadable bodies among the dead letters.</summary>
internal static class Poison
{
    public const string Reason = "PoisonBody";

    /// <summary>Longest description that the service takes: 4,096 characters.</summary>
    private const int MaxLength = 4096;

    public static string Describe(FormatException exception) =>
        exception.Message.Length <= MaxLength ? exception.Message : exception.Message[..MaxLength];
}
