using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;

namespace ServerlessLoki.Serving.Http;

/// <summary>Age of a request: the time since its first byte, which deadlines count from.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct RequestAge
{
    private readonly TimeProvider _time;
    private readonly long _arrived;

    private RequestAge(TimeProvider time, long arrived) => (_time, _arrived) = (time, arrived);

    /// <summary>Time from the first byte until now.</summary>
    public TimeSpan Elapsed => _time.GetElapsedTime(_arrived);

    /// <summary>Makes the age of a request whose body was not read yet.</summary>
    public static RequestAge Of(HttpContext context) => context.Features.Get<IRequestArrival>() is { } arrival
        ? new RequestAge(arrival.Time, arrival.Timestamp)
        : new RequestAge(TimeProvider.System, TimeProvider.System.GetTimestamp());
}
