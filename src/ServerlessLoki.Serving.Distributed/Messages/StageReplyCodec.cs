using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ServerlessLoki.Serving.Distributed.Messages.Wire;
using ServerlessLoki.Serving.Queries;
using Enum = System.Enum;

namespace ServerlessLoki.Serving.Distributed.Messages;

/// <summary>Encoding of a <see cref="StageReply"/>: Protobuf, by <c>stage.proto</c>.</summary>
public static class StageReplyCodec
{
    /// <summary>Writes a reply. An error of more than 4,096 bytes in UTF-8 is cut.</summary>
    public static byte[] Write(StageReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        var wire = new Wire.StageReply
        {
            Work = WireForms.Of(reply),
            Children = reply.Children,
            Tensor = WireForms.Of(reply.Tensor),
            Failure = reply.Failure is { } failure ? Of(failure) : null,
            Worker = reply.Worker,
            Version = WireForms.Version,
        };
        foreach (ref readonly var row in reply.Rows.AsSpan())
            wire.Rows.Add(WireForms.Of(row));
        return wire.ToByteArray();
    }

    /// <summary>Reads a reply.</summary>
    /// <param name="body">Whole body; nothing of it is kept.</param>
    /// <exception cref="FormatException">The body is no reply of a known version; says which field, what was found and what is
    /// allowed.</exception>
    public static StageReply Read(ReadOnlyMemory<byte> body)
    {
        var check = new WireCheck("stage reply");
        var wire = check.Parse(Wire.StageReply.Parser, body);
        check.Version(wire.Version);
        return new StageReply(check.Work(wire.Work))
        {
            Children = check.Int(wire.Children, 0),
            Rows = [.. wire.Rows.Select((row, index) => check.Row(row, $"row {index}"))],
            Tensor = check.Payload(wire.Tensor),
            Failure = wire.Failure is { } failure ? Read(failure, check) : null,
            Worker = check.Text(wire.Worker),
        };
    }

    private static Failure Of(StageFailure failure) => new()
    {
        Outcome = (int)failure.Outcome,
        Error = Short(failure.Error),
        RetryAfter = failure.RetryAfter is { } retryAfter ? Duration.FromTimeSpan(retryAfter) : null,
    };

    private static StageFailure Read(Failure failure, in WireCheck check)
    {
        var outcome = (QueryOutcome)failure.Outcome;
        if (!Enum.IsDefined(outcome) || outcome == QueryOutcome.Completed)
            throw check.Bad("outcome", $"{failure.Outcome}", "a failure");
        var error = check.Text(failure.Error);
        if (failure.RetryAfter is not { } retryAfter)
            return new StageFailure(outcome, error);
        try
        {
            return new StageFailure(outcome, error, retryAfter.ToTimeSpan());
        }
        catch (Exception exception) when (exception is InvalidOperationException or OverflowException)
        {
            throw check.Bad("retry after", $"{retryAfter.Seconds} s and {retryAfter.Nanos} ns", "a duration");
        }
    }

    /// <summary>Cuts an error to whole characters that fit in any case: a character needs at most three bytes of UTF-8, a pair of
    /// surrogates four.</summary>
    private static string Short(string error)
    {
        const int Longest = WireCheck.LongestText / 3;
        if (error.Length <= Longest)
            return error;
        return error[..(char.IsHighSurrogate(error[Longest - 1]) ? Longest - 1 : Longest)];
    }
}
