namespace ServerlessLoki.Batching.Residency;

/// <summary>Rows that wait in the queue of a slot that holds several variants.</summary>
internal interface IWaitingRows
{
    /// <summary>How many wait.</summary>
    int Count { get; }

    /// <summary>Whether any query asks for a least accuracy; false spares a look at each row.</summary>
    bool AsksAccuracy { get; }

    /// <summary>Best accuracy that slots of other device types can run for the same queue; 0 where there are none.</summary>
    double BestElsewhere { get; }

    /// <summary>Least accuracy that a row accepts of this task; 0 = any.</summary>
    /// <param name="row">0 = the head.</param>
    double Needed(int row);
}
