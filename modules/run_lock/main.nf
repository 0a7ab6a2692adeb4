// One run at a time on a results folder. The lock is beaten as long as this Nextflow lives; a dead run's lock is taken over.

// Take the lock of `outdir` until the end of the run, or end the run and name who has it.
def holdResults(outdir) {
    def folder = new File("${outdir}").absoluteFile
    folder.mkdirs()
    def lock = new File(folder, '.run.lock')
    if (lock.exists() && !isStale(lock)) {
        def owner = lock.text.tokenize(' ')
        error("${folder}: a run is under way here: process ${owner[1]} on ${owner[0]}. Wait for it, end it, or choose another --outdir.")
    }
    def mine = "${hostName()} ${ProcessHandle.current().pid()} ${startOf(ProcessHandle.current())}"
    def written = File.createTempFile('.run.lock.', '', folder)
    written.text = mine
    // a rename puts it there whole; of two that rename at the same time, the first reads the other's name
    written.renameTo(lock)
    sleep(50)
    if (lock.text != mine) {
        error("${folder}: another run has just started here (${lock.text}). Choose another --outdir.")
    }
    def beat = { lock.setLastModified(System.currentTimeMillis()) }
    new Timer('run lock', true).schedule(beat as TimerTask, 5000, 5000)
    def giveBack = {
        if (lock.exists() && lock.text == mine) {
            lock.delete()
        }
    }
    Runtime.runtime.addShutdownHook(new Thread(giveBack as Runnable))
}

// No beat for a minute, or a process of this host that is gone.
def isStale(lock) {
    def owner = lock.text.tokenize(' ')
    if (owner.size() != 3) {
        return true
    }
    if (owner[0] == hostName()) {
        def process = ProcessHandle.of(owner[1].toLong())
        return process.isEmpty() || startOf(process.get()) != owner[2]
    }
    return System.currentTimeMillis() - lock.lastModified() > 60_000
}

// A process that has the number of another one has not its start.
def startOf(process) {
    return process.info().startInstant().map { instant -> instant.toString() }.orElse('unknown')
}

def hostName() {
    return new File('/proc/sys/kernel/hostname').text.trim()
}
