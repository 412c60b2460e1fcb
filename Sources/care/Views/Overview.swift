/// What `care` alone prints: the commands by intent, in the order of a first day.
enum Overview {
    static let text = """
        care: customer care as code. Rules say who is cared for, when and how.

        Start      init        make care.json, a first rule      import    take in customers or events
        Write      check       find mistakes in rule files        test      run the tests beside them
                   eval        try one expression                 diff      compare two rule versions
        Look       plan        what will be sent, and what not    explain   why, or why not, one customer
                   backtest    the rules over recorded history
        Do         apply       carry out a saved plan             tick      one pass, then exit (cron)
                   serve       run all the time                   send      one sample to a destination
        Follow     deliveries  list, show, redrive, cancel        receive   print webhooks that arrive
                   destinations  list, enable, disable
                   customers   show, export, erase, readmit
        Operate    health      whether care serve is alive        version   of care and what it uses
                   cutpoints   quantiles of RFM scores           tokens    for programs that call care serve
                   backup      copy the store, while it runs     restore   a backup takes its place
                   prune       let go what is old               doctor    whether all is well
                   config      every setting, and where from    users     who signs in

        Try: care plan --days 7      Help: care plan --help

        """
}
