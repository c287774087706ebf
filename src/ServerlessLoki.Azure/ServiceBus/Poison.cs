namespace ServerlessLoki.Azure.ServiceBus;

/// <summary>How a body that nobody can read is marked among the dead letters.</summary>
internal static class Poison
{
    public const string Reason = "PoisonBody";

    /// <summary>The service takes at most 4,096 characters.</summary>
    private const int MaxLength = 4096;

    public static string Describe(FormatException exception) =>
        exception.Message.Length <= MaxLength ? exception.Message : exception.Message[..MaxLength];
}
