using ServerlessLoki.Serving.Distributed.Messages;

namespace ServerlessLoki.Serving.Distributed.Runs;

/// <summary>Hears what runs want, so that it is planned for beside the queries.</summary>
public interface IRunDemand
{
    /// <summary>A run waits to be begun, or to be answered. One that goes on waiting says so again and again: it is demand still.</summary>
    /// <param name="pipeline">Pipeline name.</param>
    void Waits(string pipeline);

    /// <summary>A stage has answered: how many children come of it is learnt.</summary>
    /// <exception cref="FormatException">The answer is of nothing that is known here.</exception>
    void Answered(StageReply reply);
}
