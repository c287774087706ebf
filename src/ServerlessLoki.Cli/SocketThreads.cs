namespace ServerlessLoki.Cli;

/// <summary>Which threads take requests in.</summary>
internal static class SocketThreads
{
    private const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Requests are read and refused by the threads that wait for the sockets, one a core, instead of by the thread pool. To be called
    /// before the process uses a socket; for a process that only serves.</summary>
    /// <remarks>Under overload the pool adds threads, and each takes another part of the cores from the models; with one a core the door has at most half.
    /// It saves two changes of threads per request, too. What the user has set stays.</remarks>
    public static void TakeRequests()
    {
        if (Environment.GetEnvironmentVariable(InlineCompletions) is null)
            Environment.SetEnvironmentVariable(InlineCompletions, "1");
    }
}
