namespace ServerlessLoki.Azure;

/// <summary>When content travels by reference instead of inline.</summary>
public static class ClaimCheck
{
    /// <summary>
    /// Content above this size goes to the payload store and its token travels instead, bytes. A Service Bus message of the Standard tier
    /// holds 256 KB with its headers; the rest is room for what the message says besides the content.
    /// </summary>
    public const int InlineBytes = 200 * 1024;

    /// <summary>True if content of this size must go to the payload store.</summary>
    /// <param name="bytes">Its size.</param>
    public static bool IsNeeded(long bytes) => bytes > InlineBytes;
}
